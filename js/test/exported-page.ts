/** The data of an exported page, as `flowrun_widgets/export` writes it. */

import type { Annotations, LogRow, Payload } from "../src/protocol/wire";
import type { Columns, Names } from "../src/sources/page-lines";
import { zipped } from "./samples";

const BLOCK = 50;

export interface Exported {
  payload: Payload;
  /** Every line; null: the page holds only what is in the payload. */
  rows: readonly LogRow[] | null;
  annotations?: Partial<Annotations>;
}

/** The distinct values of a column, and of each row the place of its own. */
function encoded<T>(rows: readonly LogRow[], pick: (row: LogRow) => T): [T[], number[]] {
  const known = new Map<string, [place: number, value: T]>();
  const places = rows.map((row) => {
    const value = pick(row);
    const key = JSON.stringify(value);
    const found = known.get(key) ?? [known.size, value];
    known.set(key, found);
    return found[0];
  });
  return [[...known.values()].map(([, value]) => value), places];
}

export function blocksOf(rows: readonly LogRow[]): { names: Names; blocks: Columns[] } {
  const [levels, level] = encoded(rows, (row): [number | null, string | null] => [row[2], row[3]]);
  const [tasks, task] = encoded(rows, (row): [string | null, string | null] => [
    row[4] && `id-${row[4]}`,
    row[4],
  ]);
  const [loggers, logger] = encoded(rows, (row) => row[5]);
  const blocks: Columns[] = [];
  for (let start = 0; start < rows.length; start += BLOCK) {
    const part = rows.slice(start, start + BLOCK);
    const steps = (column: 0 | 1) =>
      part.map((row, i) => row[column] - (part[i - 1]?.[column] ?? 0));
    const places = (all: number[]) => all.slice(start, start + BLOCK);
    blocks.push([
      steps(0),
      steps(1),
      places(level),
      places(task),
      places(logger),
      part.map(() => 0),
      part.map((row) => row[6]),
    ]);
  }
  return {
    names: [rows.length, levels, tasks, loggers, [["message <int>", "/^message \\d+$/"]]],
    blocks,
  };
}

async function addBlock(card: string, part: string, value: unknown): Promise<void> {
  const block = document.createElement("script");
  block.type = "application/x-flowrun";
  block.setAttribute("data-card", card);
  block.setAttribute("data-part", part);
  const data = await zipped(value);
  block.textContent = btoa(String.fromCharCode(...new Uint8Array(data.buffer)));
  document.body.append(block);
}

/** Puts cards with their data into the page, as an export does; returns their places. */
export async function exportPage(cards: readonly Exported[]): Promise<HTMLElement[]> {
  const places: HTMLElement[] = [];
  for (const [number, { payload, rows, annotations }] of cards.entries()) {
    const card = `card-${number}`;
    const twin = document.createElement("div");
    twin.className = `frw-twin-${number}`;
    const place = document.createElement("div");
    place.className = "frw-page-card";
    place.setAttribute("data-card", card);
    place.setAttribute("data-twin", twin.className);
    document.body.append(twin, place);
    places.push(place);
    await addBlock(card, "p", payload);
    if (annotations) {
      const none = { text: "", turn: 0, pins: [], result: null };
      await addBlock(card, "k", { ...none, ...annotations });
    }
    if (!rows) continue;
    const { names, blocks } = blocksOf(rows);
    await addBlock(card, "n", names);
    for (const block of blocks) await addBlock(card, "l", block);
    await addBlock(
      card,
      "r",
      names[2].map(() => null),
    );
    await addBlock(card, "t", payload.tasks?.rows ?? []);
  }
  return places;
}
