import type { ComponentChildren } from "preact";
import { Icon } from "./icons";

/** What stands where there is nothing to show, and why. */
export function Empty({ head, children }: { head: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name="lines" kind="big" />
      <b>{head}</b>
      <span>{children}</span>
    </div>
  );
}
