import { useCallback } from "preact/hooks";
import { exactCount } from "../../format/number";
import { familyClass, isHollow } from "../../format/state";
import type { Cell } from "../../state/run-grid";
import { StateMark } from "../controls/icons";
import { ProportionBar } from "../controls/state";
import { useGrid, useGridFields } from "../many/context";
import { Groups } from "./groups";
import { type Drawn, HEAD_HEIGHT, ROW_HEIGHT } from "./window";
import { cellLabel } from "./words";

interface Props {
  id: string;
  /** The number of the task. */
  task: number;
  /** In how many runs it failed. */
  failed: number;
  columns: Drawn;
  names: number;
}

/** The cells of one task, the newest run at the right. */
export function TaskCells({ id, task, failed, columns, names }: Props) {
  const grid = useGrid();
  const { runs, tasks, parts } = useGridFields("runs", "tasks", "parts");
  const name = tasks[task] ?? "";
  const draw = useCallback(
    (at: number) => {
      const cell = grid.cell({ run: at, task });
      return (
        <span
          key={at}
          id={`${id}-${at}-${task}`}
          data-at={`${at} ${task}`}
          class={classOf(cell)}
          role="gridcell"
          aria-colindex={runs.length - at + 1}
          aria-label={cellLabel(name, runs[at]?.name ?? "", cell)}
        >
          {cell && <StateMark icon={cell.state.icon} />}
          {cell?.counts && <ProportionBar counts={cell.counts} />}
        </span>
      );
    },
    [grid, runs, parts, id, task, name],
  );
  return (
    <div
      class="grid-row"
      role="row"
      aria-rowindex={task + 2}
      style={{ top: `${HEAD_HEIGHT + task * ROW_HEIGHT}px` }}
    >
      <span class="grid-name" role="rowheader" aria-colindex={1} title={name}>
        <bdi>{name}</bdi>
        {failed > 0 && (
          <span class="grid-failed" title={`Failed in ${exactCount(failed)} runs`}>
            <StateMark icon="cross" />
            {exactCount(failed)}
            <span class="unseen"> failed</span>
          </span>
        )}
      </span>
      <Groups columns={columns} names={names} total={runs.length} draw={draw} />
    </div>
  );
}

function classOf(cell: Cell | null): string {
  if (!cell) return "grid-cell none";
  const { family } = cell.state;
  const kinds = ["grid-cell", familyClass(family)];
  if (isHollow(family)) kinds.push("hollow");
  if (cell.counts) kinds.push("mapped");
  return kinds.join(" ");
}
