import { exactCount } from "../core/format";
import { linesHonesty, tasksHonesty } from "../core/honesty";
import type { Store } from "../store";
import { CopyButton } from "./copy";

export function Footer({ store }: { store: Store }) {
  const payload = store.payload;
  if (!payload) return null;
  const { header, logs, tasks } = payload;
  const isTasks = store.tab === "tasks" || store.tab === "timeline";
  const { figures, rest } = isTasks
    ? tasksHonesty(header, store.tasksRead, tasks?.total ?? null)
    : linesHonesty(header, logs);
  const exact = logs && logs.total >= 1e6 ? `${exactCount(logs.total)} lines` : undefined;
  return (
    <footer class="ft">
      <span title={isTasks ? undefined : exact}>
        <b>{figures}</b>
        {rest}
      </span>
      <span class="sp" />
      <span class="py">
        Python:{" "}
        <CopyButton kind="lnk" text={payload.expression} title="Copy" hasIcon={false}>
          <code>{payload.expression}</code>
        </CopyButton>
      </span>
    </footer>
  );
}
