import type { Kept, Payload } from "./wire";

/** What the page says when the data that came with the card cannot be read. */
export class UnreadablePayload extends Error {}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Reads gzip of UTF-8 JSON; null for an empty trait, which means that nothing has been sent yet. */
export async function payloadOf(view: DataView | null | undefined): Promise<Payload | null> {
  if (!view?.byteLength) return null;
  const bytes = new Uint8Array(view.byteLength);
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  let value: unknown;
  try {
    value = JSON.parse(await unpacked(bytes));
  } catch {
    // Said below.
  }
  if (isRecord(value) && value.format !== 2)
    throw new UnreadablePayload(
      "This card was made by another version of flowrun_widgets. Run the cell again.",
    );
  if (isRecord(value) && isComplete(value)) return value;
  throw new UnreadablePayload("The data of this card is damaged. Run the cell again.");
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
    const value: unknown = JSON.parse(new TextDecoder().decode(view));
    const isKept = isRecord(value) && typeof value.text === "string" && Array.isArray(value.pins);
    return isKept ? (value as unknown as Kept) : null;
  } catch {
    return null;
  }
}
