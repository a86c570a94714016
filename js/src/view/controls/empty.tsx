import type { ComponentChildren } from "preact";
import { Icon } from "./icons";

/** A placeholder that says why there is nothing to show. */
export function Empty({ head, children }: { head: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name="lines" class="large" />
      <b>{head}</b>
      <span>{children}</span>
    </div>
  );
}
