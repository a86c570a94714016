import type { Kept, Payload } from "./wire";

/** What the page says when the data that came with the card cannot be read. */
export class UnreadablePayload extends Error {}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads gzip of UTF-8 JSON; null for an empty trait, which means that nothing has been sent yet. */
export async function payloadOf(view: DataView | null | undefined): Promise<Payload | null> {
  if (!view?.byteLength) return null;
  let value: unknown;
  try {
    const bytes = new Blob([view as DataView<ArrayBuffer>]).stream();
    value = await new Response(bytes.pipeThrough(new DecompressionStream("gzip"))).json();
  } catch {
    // Said below.
  }
  const isOther = isRecord(value) && value.format !== 2;
  if (isRecord(value) && !isOther && isComplete(value)) return value;
  throw new UnreadablePayload(
    `${isOther ? "This card is of another version of flowrun_widgets" : "The data is damaged"}. Run the cell again.`,
  );
}

function isComplete(value: Record<string, unknown>): value is Record<string, unknown> & Payload {
  const { header, logs, tasks, states, idle, snapshot } = value;
  if (!isRecord(header) || typeof snapshot !== "number") return false;
  const records: unknown[] = [header.state];
  const lists: unknown[] = [header.parameters, header.labels, header.context, states, idle];
  if (isRecord(logs)) {
    const { levels, window } = logs;
    records.push(levels, window);
    lists.push(isRecord(window) && window.items);
  }
  if (isRecord(tasks)) lists.push(tasks.rows, tasks.states);
  const isNone = (part: unknown) => part === null || isRecord(part);
  return records.every(isRecord) && lists.every(Array.isArray) && [logs, tasks].every(isNone);
}

/** Reads what the reader made of the run: JSON; null for an empty trait and for what is none. */
export function keptOf(view: DataView | null | undefined): Kept | null {
  if (!view?.byteLength) return null;
  try {
    const value: Kept | null = JSON.parse(new TextDecoder().decode(view));
    return typeof value?.text === "string" && Array.isArray(value.pins) ? value : null;
  } catch {
    return null;
  }
}
