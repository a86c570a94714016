/** Decodes the traits of a card that Python has set. */

import {
  type Annotations,
  FORMAT,
  GRID_FORMAT,
  type GridPayload,
  type Payload,
  RUNS_FORMAT,
  type RunRows,
  type RunsPayload,
} from "./wire";

/** The data that came with the card cannot be read; the message says why. */
export class UnreadablePayload extends Error {}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function unzipped(view: DataView): Promise<unknown> {
  const bytes = new Blob([view as DataView<ArrayBuffer>]).stream();
  return new Response(bytes.pipeThrough(new DecompressionStream("gzip"))).json();
}

type Trait = DataView | null | undefined;

/** The decoded traits: a host often makes a model some time before it shows it. */
const payloads = new WeakMap<DataView, Payload>();
const notes = new WeakMap<DataView, Annotations>();

/** The decoded value of a trait, if it was read before. */
export const knownPayload = (view: Trait) => (view ? payloads.get(view) : undefined);
export const knownAnnotations = (view: Trait) => (view ? notes.get(view) : undefined);

/** Reads gzip of UTF-8 JSON; null for an empty trait, which means that nothing has been sent yet. */
export async function payloadOf(view: Trait): Promise<Payload | null> {
  if (!view?.byteLength) return null;
  const known = payloads.get(view);
  if (known) return known;
  const value = await formatted(view, FORMAT);
  if (!isPayload(value)) throw new UnreadablePayload(INCOMPLETE);
  payloads.set(view, value);
  return value;
}

const INCOMPLETE = "The data of this card is incomplete. Run the cell again.";

/** Reads a record of one version of the format. */
async function formatted(view: DataView, format: number): Promise<Record<string, unknown>> {
  const value = await unzipped(view).catch(() => undefined);
  if (!isRecord(value) || value.format === undefined)
    throw new UnreadablePayload("The data of this card is damaged. Run the cell again.");
  if (value.format !== format)
    throw new UnreadablePayload(
      "This card was made by another version of flowrun_widgets. Run the cell again.",
    );
  return value;
}

/** The decoded data of lists and of grids. */
const many = new WeakMap<DataView, unknown>();

/** Reads one kind of data about many runs, as `payloadOf` that of one run. */
async function manyOf<P>(view: Trait, format: number, listsOf: (value: P) => unknown[]) {
  if (!view?.byteLength) return null;
  const known = many.get(view);
  if (known) return known as P;
  const value = (await formatted(view, format)) as unknown as P;
  let lists: unknown[] = [];
  try {
    lists = listsOf(value);
  } catch {
    // A part that holds a list is missing.
  }
  if (lists.length === 0 || !lists.every(Array.isArray)) throw new UnreadablePayload(INCOMPLETE);
  many.set(view, value);
  return value;
}

const listsOf = ({ ids, state_kinds, flow_names }: RunRows) => [ids, state_kinds, flow_names];

export const runsPayloadOf = (view: Trait) =>
  manyOf<RunsPayload>(view, RUNS_FORMAT, ({ rows }) => listsOf(rows));
export const gridPayloadOf = (view: Trait) =>
  manyOf<GridPayload>(view, GRID_FORMAT, ({ columns }) => [
    ...listsOf(columns.runs),
    ...[columns.tasks, columns.states, columns.ran, columns.mapped, columns.state_kinds],
  ]);

/** The decoded data of many runs, if it was read before. */
export const knownMany = <P>(view: Trait) => (view ? (many.get(view) as P | undefined) : undefined);

function isPayload(value: Record<string, unknown>): value is Record<string, unknown> & Payload {
  const { header, logs, tasks, states, idle, snapshot } = value;
  if (!isRecord(header) || typeof snapshot !== "number") return false;
  const records: unknown[] = [header.state];
  const lists: unknown[] = [header.parameters, header.labels, header.context, states, idle];
  if (isRecord(logs)) {
    const { levels, window, highlights } = logs;
    records.push(levels, window);
    lists.push(highlights, isRecord(window) && window.items);
  }
  if (isRecord(tasks)) lists.push(tasks.rows, tasks.states);
  const isNone = (part: unknown) => part === null || isRecord(part);
  return records.every(isRecord) && lists.every(Array.isArray) && [logs, tasks].every(isNone);
}

/** Decodes the reader's annotations; null for an empty trait and for data that is not annotations. */
export async function annotationsOf(view: Trait): Promise<Annotations | null> {
  if (!view?.byteLength) return null;
  const known = notes.get(view);
  if (known) return known;
  const value = await unzipped(view).catch(() => null);
  if (!isRecord(value) || typeof value.text !== "string" || !Array.isArray(value.pins)) return null;
  const annotations = value as unknown as Annotations;
  notes.set(view, annotations);
  return annotations;
}
