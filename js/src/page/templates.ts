import type { LogRow, Template } from "../core/wire";

/** Lines by their pattern; `flowrun_widgets/analysis/templates.py` says what that is and is the same in Python. */

const MOST = 500;
const BATCH = 20_000;
const LONGEST_READ = 2000;
const LONGEST = 300;
const TERM_LONGEST = 1000;
const CUT = "…";
const UNREADABLE = "\ufffd";
const [START, END] = [String.raw`^\s*`, String.raw`\s*(?:[\r\n]|$)`];

const ANSI = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
const SPECIAL = /[\x00-\x08\x0a-\x1f\x7f]/;
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** Words of at least seven hexadecimal digits, among them a digit and a letter. */
function hexWords(letters: string): string {
  const both = `[0-9${letters}]`;
  const ways = [
    ["[0-9]", `[${letters}]`],
    [`[${letters}]`, "[0-9]"],
  ].flatMap(([one, other]) =>
    [1, 2, 3, 4, 5, 6].map((n) => `${one}{${n}}${other}${both}{${6 - n},}`),
  );
  ways.push(`[0-9]{7,}[${letters}]${both}*`, `[${letters}]{7,}[0-9]${both}*`);
  return ways.join("|");
}

const NUMBER = String.raw`(?:[0-9]{1,3}(?:,[0-9]{3})+\b|[0-9]+)`;
const UUID = String.raw`\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`;
const HEX = String.raw`(?:0[xX][0-9a-fA-F]+|${hexWords("a-f")}|${hexWords("A-F")})\b`;
const HAS_ID = new RegExp(String.raw`${UUID}|\b${HEX}`);
const IDS: [RegExp, string][] = [
  [new RegExp(UUID, "g"), "_\x01_"],
  [new RegExp(String.raw`(^|[^0-9A-Za-z_.]|[^0-9]\.)${HEX}`, "g"), "$1_\x02_"],
];
const DIGITS = new RegExp(String.raw`(?:\B[-+])?${NUMBER}`, "g");
const IN = String.raw`[^\t\n\f\r "'<>|]`;
const LAST = String.raw`[^\t\n\f\r "'<>|.,;:!?()\[\]{}]`;
const FINE: [RegExp, string][] = [
  [new RegExp(`[A-Za-z][A-Za-z0+.-]*://(?:${IN}*${LAST})`, "gu"), "\x03"],
  [
    new RegExp(
      String.raw`(^|[\t\n\f\r "'=(\[,:<>|])(?:(?:~|\.\.?)?/|[A-Za-z]:[/\\])[\w.~%@\x80-\u{10ffff}-](?:${IN}*${LAST})?`,
      "gu",
    ),
    "$1\x04",
  ],
  [/\b0-0-0[T ]0:0:0(?:[.,]0)?(?:Z\b|[+-]0(?::0)?)?/g, "\x05"],
  [/0(?:\.0){4,}/g, "\x07"],
  [/0(?:\.0){3}/g, "\x06"],
  [/0\.0\.0/g, "\x07"],
  [/0\.0(?:[eE][-+]?0)?|\b0[eE](?:[-+]0|0\b)/g, "\x08"],
];
const HALF_MARK = /(?:(_[\x01\x02]_)|_[\x01\x02]?)…$/;
const MARK = /_\x01_|_\x02_|[\x03-\x08\x0e0]/g;
const WIDENED = /_\x02_|\x08/g;
/** What a mark is called, and what stands for it in a filter term. */
const SLOTS: Record<string, [name: string, said: string]> = {
  "_\x01_": ["uuid", String.raw`[\da-f-]+`],
  "_\x02_": ["hex", String.raw`[-+]?[\da-fx,]+`],
  "\x03": ["url", String.raw`[^\s"'<>|]+`],
  "\x04": ["path", String.raw`[^\s"'<>|]+`],
  "\x05": ["time", String.raw`[-+]?\d[-\dtz:., +]*`],
  "\x06": ["ip", String.raw`[-+]?\d[\d.,]*`],
  "\x07": ["version", String.raw`[-+]?\d[\d.,]*`],
  "\x08": ["float", String.raw`[-+]?\d[\d.,e+-]*`],
  "\x0e": ["word", String.raw`\S+`],
  "0": ["int", String.raw`[-+]?\d[\d,]*`],
};
const SLOT = /(\\*)<([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z_][A-Za-z0-9_]*))?>/g;

interface Group {
  count: number;
  first: LogRow;
  firstAt: number;
  lastAt: number;
  level: number | null;
}

const marked = (text: string, masks: [RegExp, string][]) =>
  masks.reduce((masked, [mask, instead]) => masked.replace(mask, instead), text);

function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text.slice(0, 2 * most + 1)];
  return characters.length > most ? characters.slice(0, most).join("") + CUT : text;
}

/** A message with a mark for each number. */
function counted(message: string): string {
  let text = message;
  if (SPECIAL.test(text))
    text = text
      .replace(ANSI, "")
      .replace(/^[ \t\n\f\r]+/, "")
      .replace(/[\r\n][\s\S]*/, "")
      .replace(UNSEEN, UNREADABLE);
  text = shortened(text, LONGEST_READ);
  return (HAS_ID.test(text) ? marked(text, IDS) : text).replace(DIGITS, "0");
}

/** Of what `counted` gives: with a mark for everything that differs from line to line. */
function keyOf(text: string): string {
  const key = marked(text, FINE).replace(/^[ \t]+|[ \t]+$/g, "");
  const short = shortened(key, LONGEST);
  return short === key ? key : short.replace(HALF_MARK, `$1${CUT}`);
}

function together(groups: readonly Group[]): Group {
  const [first, ...others] = groups as [Group, ...Group[]];
  for (const { count, firstAt, lastAt, level } of others) {
    first.count += count;
    first.firstAt = Math.min(first.firstAt, firstAt);
    first.lastAt = Math.max(first.lastAt, lastAt);
    if (level !== null) first.level = Math.max(first.level ?? level, level);
  }
  return first;
}

/** The groups in which texts that differ only in kinds of numbers are one. */
function widened(groups: ReadonlyMap<string, Group>): Map<string, Group> {
  const alike = new Map<string, string[]>();
  for (const key of groups.keys()) {
    const plain = key.replace(WIDENED, "0");
    alike.set(plain, [...(alike.get(plain) ?? []), key]);
  }
  const wide = new Map<string, Group>();
  for (const keys of alike.values()) {
    const marks = keys.map((key) => key.match(MARK) ?? []);
    let nth = 0;
    const key = (keys[0] as string).replace(MARK, () => {
      const kinds = new Set(marks.map((of) => of[nth]));
      nth++;
      if (kinds.size > 1) kinds.delete("0");
      return kinds.size > 1 ? "\x0e" : ([...kinds][0] as string);
    });
    wide.set(key, together(keys.map((one) => groups.get(one) as Group)));
  }
  return wide;
}

const escaped = (text: string) => text.replace(SLOT, (all, slashes) => `${slashes}\\${all}`);

/** The parts of a key: texts and, between them, marks. */
const partsOf = (key: string) => ({ texts: key.split(MARK), marks: key.match(MARK) ?? [] });

function written(key: string): string {
  const { texts, marks } = partsOf(key);
  return texts
    .map((text, i) => {
      const mark = marks[i];
      if (mark === undefined) return escaped(text);
      const slashes = /\\*$/.exec(escaped(text))?.[0] ?? "";
      return `${escaped(text)}${slashes}<${SLOTS[mark]?.[0]}>`;
    })
    .join("");
}

/** The filter term that finds the lines of a template. */
function termOf(key: string, example: string): string {
  const isWhole = !key.endsWith(CUT);
  const { texts, marks } = partsOf(isWhole ? key : key.slice(0, -1));
  if (example.includes("\x1b")) return phrase(texts, example);
  let [source, size] = [START, START.length];
  for (const [i, text] of texts.entries()) {
    const pieces = Array.from(text, literal);
    if (i < marks.length) pieces.push(SLOTS[marks[i] as string]?.[1] as string);
    for (const piece of pieces) {
      size += [...piece].length;
      if (size > TERM_LONGEST - END.length) return `/${source}/`;
      source += piece;
    }
  }
  return `/${source}${isWhole ? END : ""}/`;
}

function literal(character: string): string {
  if (character === UNREADABLE) return ".";
  return /[$^\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

/** The longest word of a pattern that stands whole in a message, in quotes. */
function phrase(texts: readonly string[], example: string): string {
  const between = example.split(ANSI);
  let longest = "";
  for (const piece of texts.flatMap((text) => text.split(/[\s\ufffd]+/)))
    if ([...piece].length > [...longest].length && between.some((text) => text.includes(piece)))
      longest = piece;
  return longest ? `"${longest.replace(/[\\"]/g, "\\$&")}"` : "/^/";
}

/** The most frequent patterns of the lines, the most frequent first; `pause` is awaited now and then. */
export async function templatesOf(
  rows: readonly LogRow[],
  pause: () => Promise<void>,
): Promise<Template[]> {
  const keys = new Map<string, string>();
  const groups = new Map<string, Group>();
  for (const [i, row] of rows.entries()) {
    if (i % BATCH === BATCH - 1) await pause();
    const [, at, level] = row;
    const text = counted(row[6]);
    const key = keys.get(text) ?? keyOf(text);
    keys.set(text, key);
    const one = { count: 1, first: row, firstAt: at, lastAt: at, level };
    const known = groups.get(key);
    groups.set(key, known ? together([known, one]) : one);
  }
  const found = [...widened(groups)].sort(
    ([, a], [, b]) => b.count - a.count || a.first[8] - b.first[8],
  );
  return found
    .slice(0, MOST)
    .map(([key, { count, first, firstAt, lastAt, level }]) => [
      written(key),
      count,
      firstAt,
      lastAt,
      level,
      termOf(key, first[6]),
    ]);
}
