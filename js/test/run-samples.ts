/** Flow runs as they travel. */

import { RUNS_FORMAT, type RunRows, type RunsPayload, type State } from "../src/protocol/wire";
import { completed, failed, running } from "./samples";
import { second } from "./task-samples";

const KINDS: State[] = [completed, failed, running];

interface Choice {
  /** For each run: 0 completed, 1 failed, 2 running. */
  kinds?: number[];
  flows?: string[];
}

/** Run `n` began `n` minutes before the one before it, and ran `n` seconds. */
export function rows(start: number, count: number, { kinds = [0], flows = [] }: Choice = {}) {
  const of = <T>(make: (n: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => make(start + i));
  const kind = (n: number) => kinds[n % kinds.length] ?? 0;
  const made: RunRows = {
    start,
    ids: of((n) => `id-${n}`),
    names: of((n) => `run-${n}`),
    flows: of((n) => (flows.length ? n % flows.length : 0)),
    states: of(kind),
    due_at: of(() => null),
    started_at: of((n) => second(-60 * n)),
    ended_at: of((n) => (kind(n) === 2 ? null : second(-60 * n + n))),
    ran: of((n) => n),
    messages: of((n) => (kind(n) === 1 ? `load[${n}]: it broke` : null)),
    tags: of((n) => (n === 3 ? ["nightly"] : [])),
    parameters: of((n) => [["region", n % 2 ? '"eu"' : '"us"']]),
    urls: of((n) => `https://prefect.example.com/runs/${n}`),
    flow_names: flows.length ? flows : ["nightly-orders"],
    state_kinds: KINDS,
    redacted: 0,
  };
  return made;
}

export const runsPayload = (data: RunRows, more: Partial<RunsPayload> = {}): RunsPayload => ({
  format: RUNS_FORMAT,
  rows: data,
  held: data.ids.length,
  has_more: false,
  can_load: false,
  as_of: second(100),
  place: "https://prefect.example.com/api",
  expression: "runs",
  kernel_zone: "UTC",
  ...more,
});
