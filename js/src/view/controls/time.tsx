import type { ComponentChildren } from "preact";
import { utc } from "../../format/time";

/** A time with its full UTC in the tooltip and for machines. */
export function Time({ at, children }: { at: number | null; children: ComponentChildren }) {
  const full = utc(at);
  if (full === undefined) return <>{children}</>;
  return (
    <time dateTime={full} title={full}>
      {children}
    </time>
  );
}
