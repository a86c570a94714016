/** The data in an exported page; `flowrun_widgets/export/blocks.py` describes the format. */

import { addLines, type Lines, noLines } from "./page-lines";

/** The blocks of a card that hold one kind of its data. */
export function blocksOf(card: string | null, part: string): Element[] {
  const all = document.querySelectorAll('script[type="application/x-flowrun"]');
  return [...all].filter(
    (block) => block.getAttribute("data-card") === card && block.getAttribute("data-part") === part,
  );
}

export function bytesOf(block: Element): Uint8Array<ArrayBuffer> {
  const text = atob(block.textContent ?? "");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export const unzipped = (block: Element) =>
  new Response(new Blob([bytesOf(block)]).stream().pipeThrough(new DecompressionStream("gzip")));

/** Lets the page draw and handle events before the work continues. */
export const pause = () => new Promise<void>((done) => setTimeout(done));

/** Every line of the log, block by block. */
export async function linesOf(
  names: Element,
  blocks: Element[],
  begun: Element | undefined,
): Promise<Lines> {
  const known = await unzipped(names).json();
  const lines = noLines(known, begun ? await unzipped(begun).json() : []);
  for (const block of blocks) {
    addLines(lines, known, await unzipped(block).json());
    await pause();
  }
  return lines;
}
