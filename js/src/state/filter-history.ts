/** The filter texts that were used in this page, which the arrow keys bring back. */

const MAX_TEXTS = 20;

/** The newest last, for all cards of the page. */
const used: string[] = [];

export class FilterHistory {
  /** Which text is in the filter line, counted from the newest; 0: none of them. */
  #position = 0;

  add(text: string): void {
    const trimmed = text.trim();
    this.end();
    if (trimmed === "") return;
    const at = used.indexOf(trimmed);
    if (at >= 0) used.splice(at, 1);
    used.push(trimmed);
    used.splice(0, used.length - MAX_TEXTS);
  }

  /** The text that was used before the one in the line (1), or after it (-1); null if there is none. */
  recall(step: 1 | -1): string | null {
    const position = this.#position + step;
    if (position < 0 || position > used.length) return null;
    this.#position = position;
    return position === 0 ? "" : (used.at(-position) ?? null);
  }

  end(): void {
    this.#position = 0;
  }

  get isRecalling(): boolean {
    return this.#position > 0;
  }
}
