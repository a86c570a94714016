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
  if (!view || view.byteLength === 0) return null;
  const bytes = new Uint8Array(view.byteLength);
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  let value: unknown;
  try {
    value = JSON.parse(await unpacked(bytes));
  } catch {
    throw new UnreadablePayload("The data of this card is damaged. Run the cell again.");
  }
  if (!isRecord(value)) throw new UnreadablePayload("The data of this card is not a flow run.");
  if (value.format !== 2) {
    throw new UnreadablePayload(
      "This card was made by another version of flowrun_widgets. Run the cell again.",
    );
  }
  if (!isComplete(value)) {
    throw new UnreadablePayload("The data of this card lacks a part. Run the cell again.");
  }
  return value;
}

function isComplete(value: Record<string, unknown>): value is Record<string, unknown> & Payload {
  const { header, logs, tasks } = value;
  if (!isRecord(header) || !isRecord(header.state) || typeof value.snapshot !== "number")
    return false;
  if (!Array.isArray(header.parameters) || !Array.isArray(header.labels)) return false;
  if (!Array.isArray(header.context) || !Array.isArray(value.states)) return false;
  if (!Array.isArray(value.idle)) return false;
  const hasLogs =
    isRecord(logs) &&
    isRecord(logs.levels) &&
    isRecord(logs.window) &&
    Array.isArray(logs.window.items);
  const hasTasks = isRecord(tasks) && Array.isArray(tasks.rows) && Array.isArray(tasks.states);
  return (logs === null || hasLogs) && (tasks === null || hasTasks);
}

/** Reads what the reader made of the run: JSON; null for an empty trait and for what is none. */
export function keptOf(view: DataView | null | undefined): Kept | null {
  if (!view || view.byteLength === 0) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(view));
    const isKept = isRecord(value) && typeof value.text === "string" && Array.isArray(value.pins);
    return isKept ? (value as unknown as Kept) : null;
  } catch {
    return null;
  }
}
