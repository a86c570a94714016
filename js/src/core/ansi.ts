/**
 * Terminal text → runs of one style. Colours become names, so that the theme picks a readable hue;
 * backgrounds are dropped. Every other escape sequence is taken out.
 */

export interface Run {
  text: string;
  /** Space-separated class names; empty for plain text. */
  style: string;
}

type Hue = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "grey";

interface Pen {
  hue: Hue | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

const PLAIN: Pen = { hue: null, bold: false, dim: false, italic: false, underline: false };
const HUES: readonly (Hue | null)[] = [
  null,
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  null,
];

// CSI, then OSC/DCS/SOS/PM/APC strings up to BEL or ST, then two-character escapes. A string that is
// never ended loses only its introducer: it must not hide the rest of the message.
const ESCAPE =
  /(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]?|\x9b/g;

export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let pen = PLAIN;
  let from = 0;
  const add = (piece: string) => {
    if (piece === "") return;
    const style = classesOf(pen);
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

/** Control characters become their pictures (␀ … ␡); tab and line feed stay. */
function visible(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[\x00-\x08\x0b-\x1f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\x7f/g, "\u2421")
    .replace(/[\x80-\x9f]/g, "\ufffd");
}

function classesOf(pen: Pen): string {
  const names: string[] = [];
  if (pen.hue) names.push(`a-${pen.hue}`);
  if (pen.bold) names.push("a-bold");
  if (pen.dim) names.push("a-dim");
  if (pen.italic) names.push("a-italic");
  if (pen.underline) names.push("a-under");
  return names.join(" ");
}

function drawn(pen: Pen, parameters: string): Pen {
  const codes = parameters.split(/[;:]/).map((part) => Number(part || 0));
  let next = pen;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48 || code === 58) {
      const isIndexed = codes[i + 1] === 5;
      const hue = isIndexed ? indexed(codes[i + 2] ?? 0) : mixed(codes.slice(i + 2, i + 5));
      if (code === 38) next = { ...next, hue };
      i += isIndexed ? 2 : 4;
    } else next = stepped(next, code);
  }
  return next;
}

function stepped(pen: Pen, code: number): Pen {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...pen, bold: true };
  if (code === 2) return { ...pen, dim: true };
  if (code === 3) return { ...pen, italic: true };
  if (code === 4) return { ...pen, underline: true };
  if (code === 22) return { ...pen, bold: false, dim: false };
  if (code === 23) return { ...pen, italic: false };
  if (code === 24) return { ...pen, underline: false };
  if (code === 39) return { ...pen, hue: null };
  if (code >= 30 && code <= 37) return { ...pen, hue: HUES[code - 30] ?? null };
  if (code === 90) return { ...pen, hue: "grey" };
  if (code >= 91 && code <= 97) return { ...pen, hue: HUES[code - 90] ?? null };
  return pen;
}

function indexed(index: number): Hue | null {
  if (index < 8) return HUES[index] ?? null;
  if (index < 16) return index === 8 ? "grey" : (HUES[index - 8] ?? null);
  if (index >= 232) return index < 250 ? "grey" : null;
  const cube = index - 16;
  return mixed([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((v) => v * 51));
}

function mixed([r = 0, g = 0, b = 0]: number[]): Hue | null {
  const high = Math.max(r, g, b);
  const low = Math.min(r, g, b);
  if (high - low < 40) return high > 60 && high < 200 ? "grey" : null;
  const isOn = (value: number) => value - low > (high - low) / 2;
  const bits = (isOn(r) ? 1 : 0) + (isOn(g) ? 2 : 0) + (isOn(b) ? 4 : 0);
  return HUES[bits] ?? null;
}
