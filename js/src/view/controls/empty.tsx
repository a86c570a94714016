import type { ComponentChildren } from "preact";
import { Icon } from "./icons";

/** Stands where there is nothing to show, and says why. */
export function Empty({ head, children }: { head: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name="lines" class="large" />
      <b>{head}</b>
      <span>{children}</span>
    </div>
  );
}
