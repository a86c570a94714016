import type { ComponentChildren } from "preact";
import { icon } from "./icons";

/** What stands where there is nothing to show, and why. */
export function drawEmpty(head: string, children: ComponentChildren) {
  return (
    <div class="empty">
      {icon("lines", "big")}
      <b>{head}</b>
      <span>{children}</span>
    </div>
  );
}
