import type { ComponentChild, VNode } from "preact";
import { useRef } from "preact/hooks";
import { CELL_WIDTH, columnsOf, type Drawn, groupsOf } from "./window";

interface Props {
  columns: Drawn;
  names: number;
  /** How many columns there are. */
  total: number;
  /** Draws one column. */
  draw: (run: number) => ComponentChild;
}

/**
 * Columns in a row, the oldest at the left. They are drawn in groups, and a group that stays in view is not drawn again
 * while `draw` is the same function: scrolling draws only what is new.
 */
export function Groups({ columns, names, total, draw }: Props) {
  const drawn = useRef<{ draw: Props["draw"]; total: number; groups: Map<number, VNode> } | null>(
    null,
  );
  const known = drawn.current;
  const kept = known?.draw === draw && known.total === total ? known.groups : null;
  const groups = new Map<number, VNode>();
  for (const group of groupsOf(columns))
    groups.set(
      group,
      kept?.get(group) ?? (
        <span key={group} class="grid-group" role="presentation">
          {columnsOf(group, total).map(draw)}
        </span>
      ),
    );
  drawn.current = { draw, total, groups };
  return (
    <span
      class="grid-cells"
      role="presentation"
      style={{ left: `${names + (total - columns.end) * CELL_WIDTH}px` }}
    >
      {[...groups.values()]}
    </span>
  );
}
