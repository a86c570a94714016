/** Flow runs as the rows of a table: sorting, filtering, and their scale. */

import type { RunRows, State } from "../protocol/wire";
import { combined, textTest } from "../query/match";
import { parseQuery } from "../query/parse";
import { type Clock, type Ends, RUNS, type Term } from "../query/terms";

export interface Run {
  /** The number in the list, from 0: the order of the source, newest first. */
  place: number;
  id: string;
  name: string;
  flow: string | null;
  state: State;
  due_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  ran: number | null;
  message: string | null;
  tags: readonly string[];
  parameters: readonly (readonly [name: string, value: string])[];
  url: string | null;
}

/** When a run began, otherwise when it is due. */
export const begunAt = (run: Run): number | null => run.started_at ?? run.due_at;

const NO_STATE: State = {
  type: "",
  name: "Unknown",
  family: "unknown",
  icon: "question",
  message: null,
  at: null,
};

export const runsOf = (rows: RunRows): Run[] =>
  rows.ids.map((id, i) => ({
    place: rows.start + i,
    id,
    name: rows.names[i] ?? id,
    flow: rows.flow_names[rows.flows[i] ?? -1] ?? null,
    state: rows.state_kinds[rows.states[i] ?? -1] ?? NO_STATE,
    due_at: rows.due_at[i] ?? null,
    started_at: rows.started_at[i] ?? null,
    ended_at: rows.ended_at[i] ?? null,
    ran: rows.ran[i] ?? null,
    message: rows.messages[i] ?? null,
    tags: rows.tags[i] ?? [],
    parameters: rows.parameters[i] ?? [],
    url: rows.urls[i] ?? null,
  }));

export type RunKey = "state" | "name" | "flow" | "begun" | "ran" | "message";

export interface RunSorting {
  key: RunKey;
  isDescending: boolean;
}

/** The order of the source. */
export const NEWEST_FIRST: RunSorting = { key: "begun", isDescending: true };

export const isNewestFirst = ({ key, isDescending }: RunSorting): boolean =>
  key === "begun" && isDescending;

/** States in the order of urgency. */
const URGENCY = "failed heldup retry running paused waiting ended unknown cached done".split(" ");

const VALUES: Record<RunKey, (run: Run) => string | number | null> = {
  state: ({ state }) => URGENCY.indexOf(state.family) * 2 ** 8 + (state.name.charCodeAt(0) || 0),
  name: ({ name }) => name.toLowerCase(),
  flow: ({ flow }) => flow?.toLowerCase() ?? null,
  begun: begunAt,
  ran: ({ ran }) => ran,
  message: ({ message }) => message?.toLowerCase() ?? null,
};

/** Sorted runs; those without a value come last, and equal ones stay in the order of the source. */
export function sortedRuns(runs: readonly Run[], sorting: RunSorting): readonly Run[] {
  if (isNewestFirst(sorting)) return runs;
  const of = VALUES[sorting.key];
  const known: { run: Run; value: string | number }[] = [];
  const unknown: Run[] = [];
  for (const run of runs) {
    const value = of(run);
    if (value === null) unknown.push(run);
    else known.push({ run, value });
  }
  const up = sorting.isDescending ? -1 : 1;
  known.sort((a, b) => (a.value < b.value ? -up : a.value > b.value ? up : 0));
  return known.map(({ run }) => run).concat(unknown);
}

type Test = (run: Run) => boolean;

function testOf(term: Term): Test {
  if (term.key === "time") {
    const [from, to] = term.value as Ends;
    return (run) => {
      const at = begunAt(run);
      return at !== null && at >= (from ?? at) && at <= (to ?? at);
    };
  }
  const fits = textTest(term);
  if (term.key === "state") return ({ state }) => fits(state.name) || fits(state.type);
  if (term.key === "flow") return ({ flow }) => fits(flow ?? "");
  if (term.key === "run") return ({ name, id }) => fits(name) || fits(id);
  if (term.key === "tag") return ({ tags }) => tags.some(fits);
  return (run) =>
    [run.name, run.flow ?? "", run.state.name, run.message ?? "", run.id].some(fits) ||
    run.tags.some(fits) ||
    run.parameters.some(([name, value]) => fits(`${name}=${value}`));
}

/** A test whether a run matches a filter text; throws a `QuerySyntaxError`. */
export function runTest(text: string, clock: Clock): Test {
  const test = combined(parseQuery(text, clock, RUNS), testOf);
  return (run) => test(run, run.place);
}

export interface Scale {
  /** The duration at the right end of the bars, in seconds. Longer bars are cut off. */
  longest: number;
  /** The median duration of the runs that ended; null if none did. */
  median: number | null;
}

const MAX_MEDIANS = 5;

/** One scale for the bars of all runs: a few runs that are very long do not make the bars of the others invisible. */
export function scaleOf(runs: readonly Run[]): Scale {
  const all = runs.map(({ ran }) => ran ?? 0);
  const ended = runs
    .filter(({ ended_at, ran }) => ended_at !== null && ran !== null)
    .map(({ ran }) => ran as number)
    .sort((a, b) => a - b);
  const longest = all.reduce((most, ran) => Math.max(most, ran), 0);
  const median = ended[Math.floor(ended.length / 2)] ?? null;
  return { longest: median ? Math.min(longest, MAX_MEDIANS * median) : longest, median };
}

export interface Strip {
  times: readonly [number, ...number[]];
  /** How many runs of each kind began in each bin. */
  counts: Record<StripKind, number[]>;
}

/** The kinds from the axis upwards. */
export const STRIP_KINDS = ["done", "ended", "going", "failed"] as const;
export type StripKind = (typeof STRIP_KINDS)[number];

const kindOf = ({ state: { family } }: Run): StripKind => {
  if (family === "done" || family === "cached") return "done";
  if (family === "failed" || family === "heldup") return "failed";
  return family === "ended" || family === "unknown" ? "ended" : "going";
};

/** Widths of bins in minutes. */
const WIDTHS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 40_320];
const MINUTE = 6e7;

/** How many runs began in each of at most `most` bins of a round width; null if fewer than two times are known. */
export function stripOf(runs: readonly Run[], most: number): Strip | null {
  const known = runs.filter((run) => begunAt(run) !== null);
  const times = known.map((run) => begunAt(run) as number);
  const from = times.reduce((a, b) => Math.min(a, b), Infinity);
  const to = times.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(to > from)) return null;
  const fits = (minutes: number) => (to - from) / (minutes * MINUTE) <= most - 2;
  const width = (WIDTHS.find(fits) ?? Math.ceil((to - from) / (most - 2) / MINUTE)) * MINUTE;
  const first = Math.floor(from / width) * width;
  const size = Math.floor((to - first) / width) + 1;
  const counts = Object.fromEntries(
    STRIP_KINDS.map((kind) => [kind, new Array<number>(size).fill(0)]),
  ) as Strip["counts"];
  known.forEach((run, i) => {
    const bin = Math.floor(((times[i] as number) - first) / width);
    const of = counts[kindOf(run)];
    of[bin] = (of[bin] ?? 0) + 1;
  });
  const edges = Array.from({ length: size + 1 }, (_, i) => first + i * width);
  return { times: edges as [number, ...number[]], counts };
}

/** How many runs are in each state, by the state's name. */
export function statesOf(runs: readonly Run[]): (readonly [State, number])[] {
  const known = new Map<string, [State, number]>();
  for (const { state } of runs) {
    const count = known.get(state.name);
    if (count) count[1] += 1;
    else known.set(state.name, [state, 1]);
  }
  return [...known.values()];
}
