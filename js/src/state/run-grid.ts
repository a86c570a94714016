/** One view of a grid of runs × tasks: its state, and the handling of the payload and of answers. */

import { inOrder, type StateCount } from "../format/state";
import type { AnswerBody, GridColumns, GridPayload, QuestionBody, State } from "../protocol/wire";
import { Changes } from "./changes";
import { ManyRuns, ManyRunsFields } from "./many-runs";
import type { Run } from "./run-table";

/** The task runs of one task in one run. */
export interface Cell {
  /** The most urgent state. */
  state: State;
  ran: number | null;
  /** How many task runs are in each state, if there are several. */
  counts: readonly StateCount[] | null;
}

/** A cell by the numbers of its run, from the newest, and its task; task -1 is the head of the column. */
export interface Place {
  run: number;
  task: number;
}

export const HEAD = -1;

/** The columns of one message. */
export class GridPart {
  readonly start: number;
  readonly end: number;
  readonly #mapped: ReadonlyMap<number, readonly number[]>;

  constructor(private readonly data: GridColumns) {
    this.start = data.runs.start;
    this.end = this.start + data.runs.ids.length;
    this.#mapped = new Map(data.mapped.map(([at, ...counts]) => [at ?? -1, counts]));
  }

  cell(run: number, task: number): Cell | null {
    const { tasks, states, ran, state_kinds } = this.data;
    if (task < 0 || task >= tasks.length) return null;
    const at = (run - this.start) * tasks.length + task;
    const state = state_kinds[states[at] ?? -1];
    if (!state) return null;
    const pairs = this.#mapped.get(at);
    return { state, ran: ran[at] ?? null, counts: pairs ? this.#counts(pairs) : null };
  }

  /** The states of all cells. */
  get states(): State[] {
    return this.data.state_kinds;
  }

  #counts(pairs: readonly number[]): StateCount[] {
    const counts: StateCount[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      const state = this.data.state_kinds[pairs[i] ?? -1];
      if (state) counts.push([state, pairs[i + 1] ?? 0]);
    }
    return counts;
  }
}

export class GridFields extends ManyRunsFields {
  declare payload: GridPayload | null;

  /** The columns, in the order of the source. */
  parts: readonly GridPart[] = [];
  tasks: readonly string[] = [];
  leftOut = 0;
  /** The cell under the pointer. */
  pointed: Place | null = null;
  /** The cell that has the focus, if the grid has it. */
  current: Place = { run: 0, task: HEAD };
  hasFocus = false;
}

export class GridStore extends GridFields {
  readonly #changes = new Changes<GridFields>(this);
  subscribe = this.#changes.subscribe;
  change = this.#changes.change;
}

export class RunGrid extends ManyRuns {
  override readonly store = new GridStore();
  /** What Python reads at once. */
  protected override readonly page = 50;

  receive(payload: GridPayload): void {
    const { store } = this;
    const before = store.payload;
    store.change({ payload, problem: null, held: payload.held });
    // Only how the grid is called may have changed; the page may have more columns than the payload.
    if (before && before.columns.runs.ids.length === payload.columns.runs.ids.length) return;
    this.#putColumns(payload.columns, payload);
    if (!before && payload.held > store.runs.length) this.loadPage();
  }

  cell({ run, task }: Place): Cell | null {
    const part = this.store.parts.find(({ start, end }) => run >= start && run < end);
    return part?.cell(run, task) ?? null;
  }

  /** Moves the focus, as far as there are cells. */
  go({ run, task }: Place): void {
    const { runs, tasks } = this.store;
    const within = (n: number, low: number, high: number) => Math.max(low, Math.min(n, high));
    this.store.change({
      current: { run: within(run, 0, runs.length - 1), task: within(task, HEAD, tasks.length - 1) },
    });
  }

  /** Opens the run of a cell, with its log filtered for the task if the run has it. */
  openAt(place: Place): void {
    const run = this.store.runs[place.run];
    if (run) this.open(run.id, this.cell(place) ? place.task : undefined);
  }

  protected override take(answer: AnswerBody, asked: QuestionBody): void {
    if (answer.kind === "columns") {
      this.#putColumns(answer.columns, answer);
      this.loaded(answer.columns.runs.ids.length);
    } else super.take(answer, asked);
  }

  #putColumns(
    columns: GridColumns,
    more: Pick<GridPayload, "held" | "has_more" | "can_load" | "left_out">,
  ): void {
    const { store } = this;
    this.put(columns.runs, more);
    const kept = store.parts.filter(({ start }) => start < columns.runs.start);
    const redacted = store.redacted + (kept.length ? 0 : columns.redacted);
    const { tasks } = columns;
    store.change({
      parts: [...kept, new GridPart(columns)],
      tasks,
      leftOut: more.left_out,
      redacted,
    });
  }
}

/** The states of cells and runs, each name once. */
export function legendOf(parts: readonly GridPart[], runs: readonly Run[]): readonly State[] {
  const known = new Map<string, StateCount>();
  for (const state of parts.flatMap(({ states }) => states)) known.set(state.name, [state, 1]);
  for (const { state } of runs) if (!known.has(state.name)) known.set(state.name, [state, 1]);
  return inOrder([...known.values()]).map(([state]) => state);
}
