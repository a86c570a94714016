/**
 * Splits terminal text into runs of one style. Colours become class names, so that the theme chooses a readable hue;
 * backgrounds are dropped. Every other escape sequence is removed.
 */

export interface Run {
  text: string;
  /** Space-separated class names; empty for plain text. */
  style: string;
}

/** Class names in this order: hue, bold, dim, italic, underlined. */
type Pen = readonly string[];

const NAMES = ["", "ansi-bold", "ansi-dim", "ansi-italic", "ansi-underline"];
const PLAIN: Pen = ["", "", "", "", ""];
const GREY = "ansi-dim";
/** The hues of states, which are readable in any theme; black and white become the text's own colour. */
const HUES = ["", "failed", "done", "waiting", "running", "paused", "cached", ""].map(
  (hue) => hue && `ansi-${hue}`,
);
const hueAt = (index: number) => HUES[index % 10] ?? "";

// CSI, then OSC/DCS/SOS/PM/APC strings up to BEL or ST, then two-character escapes. An unterminated
// string loses only its introducer: it must not hide the rest of the message.
const ESCAPE =
  /(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]?|\x9b/g;

export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let pen = PLAIN;
  let from = 0;
  const add = (piece: string) => {
    if (piece === "") return;
    const style = pen.filter(Boolean).join(" ");
    const last = runs.at(-1);
    if (last?.style === style) last.text += visible(piece);
    else runs.push({ text: visible(piece), style });
  };
  for (const found of text.matchAll(ESCAPE)) {
    add(text.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[2] === "m") pen = drawn(pen, found[1] ?? "");
  }
  add(text.slice(from));
  return runs;
}

export function plainOf(text: string): string {
  return runsOf(text)
    .map((run) => run.text)
    .join("");
}

/** Replaces control characters by their visible symbols (␀ … ␡); tab and line feed stay. */
function visible(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[\x00-\x08\x0b-\x1f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\x7f/g, "\u2421")
    .replace(/[\x80-\x9f]/g, "\ufffd");
}

function drawn(pen: Pen, parameters: string): Pen {
  const codes = parameters.split(/[;:]/).map((part) => Number(part || 0));
  let next = pen;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48 || code === 58) {
      const isIndexed = codes[i + 1] === 5;
      const hue = isIndexed ? indexed(codes[i + 2] ?? 0) : mixed(codes.slice(i + 2, i + 5));
      if (code === 38) next = next.with(0, hue);
      i += isIndexed ? 2 : 4;
    } else next = stepped(next, code);
  }
  return next;
}

function stepped(pen: Pen, code: number): Pen {
  if (code === 0) return PLAIN;
  if (code < 5) return pen.with(code, NAMES[code] ?? "");
  if (code === 22) return pen.with(1, "").with(2, "");
  if (code === 23 || code === 24) return pen.with(code - 20, "");
  if (code === 39) return pen.with(0, "");
  if (code === 90) return pen.with(0, GREY);
  const isHue = (code >= 30 && code < 38) || (code > 90 && code < 98);
  return isHue ? pen.with(0, hueAt(code)) : pen;
}

function indexed(index: number): string {
  if (index < 16) return index === 8 ? GREY : hueAt(index % 8);
  if (index >= 232) return index < 250 ? GREY : "";
  const cube = index - 16;
  return mixed([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((v) => v * 51));
}

function mixed([r = 0, g = 0, b = 0]: number[]): string {
  const high = Math.max(r, g, b);
  const low = Math.min(r, g, b);
  if (high - low < 40) return high > 60 && high < 200 ? GREY : "";
  const isOn = (value: number) => value - low > (high - low) / 2;
  return hueAt((isOn(r) ? 1 : 0) + (isOn(g) ? 2 : 0) + (isOn(b) ? 4 : 0));
}
