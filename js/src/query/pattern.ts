/** Regular expressions of a filter text; `flowrun_widgets/query/pattern.py` reads the same ones for RE2. */

import { fail, literal, tooLong } from "./terms";

const SPACE = "\\t\\n\\f\\r ";
const BLANKS: Record<string, string> = { s: SPACE, S: "\\0-\\x08\\v\\x0e-\\x1f!-\\u{10ffff}" };
let cased: string | undefined;

/** All letters with case that match the items of a class when case is ignored. */
function otherCases(items: string): string {
  cased ??= Array.from({ length: 0x1f000 }, (_, code) => String.fromCodePoint(code))
    .join("")
    .match(/\p{CWCM}/gu)
    ?.join("") as string;
  return cased.match(new RegExp(`[${items}]`, "giu"))?.join("") ?? "";
}

/** The tokens of a class, and those of an expression. */
function grammar(): [item: string, token: RegExp] {
  const set = /\\[dDwWsS]/.source;
  const escaped = /\\(?:x[\da-fA-F]{2}|[nrtfv -/:-@[-`{-~])/.source;
  const one = `(?:${escaped}|[^\\\\[\\]-])`;
  const item = `(${one})-(${one})|${set}|${one}`;
  const token = [
    /(\((?:\?:)?(?!\?))|(\))|([|^$]|\\b)/.source,
    /(([*+?]|\{(\d{1,4})(?:,(\d{1,4})?)?\})\??)/.source,
    `\\[(\\^|(?!\\^))((?!\\])-?(?:${item})*-?)\\]`,
    `(${set})|\\.|${escaped}|[^\\\\^$*+?()[\\]{}|]`,
  ];
  return [item, new RegExp(token.join("|"), "uy")];
}

function character(text: string): string {
  if (text[0] !== "\\") return text;
  if (text[1] === "x") return String.fromCharCode(Number(`0${text.slice(1)}`));
  return "\n\r\t\f\v"["nrtfv".indexOf(text[1] as string)] ?? (text[1] as string);
}

/**
 * Translates a source to a regular expression that with the flag `u` alone means the same as the source in RE2 with
 * ignore-case. `\w \b` are strictly ASCII, so JavaScript's flag `i` cannot be used.
 */
export function translated(source: string, position: number): string {
  const [item, next] = grammar();
  const groups: [at: number, size: number][] = [];
  let size = 0;
  /** The size of the preceding part; 0 if there is nothing to repeat. */
  let last = 0;
  let written = "";
  const wrong = (message: string, at: number) => fail(message, position + at);
  const refuse = (at: number) => {
    const rest = source.slice(at);
    const [what = ""] = /\(\?.?|\\.?|./su.exec(rest) ?? [];
    if (what === "[" && !rest.includes("]")) wrong("The [ is never closed.", at);
    if (/^[{}\]]/.test(what)) wrong(`To find a ${what} itself, write \\${what}.`, at);
    return wrong(`Not supported in a regular expression: ${what}`, at);
  };

  const set = (sign: string, items: string, at: number): string => {
    let folded = "";
    let exact = "";
    for (const [part, low, high] of items.matchAll(new RegExp(`${item}|-`, "gu"))) {
      size++;
      if (high) {
        const [from, to] = [low, high].map((end) => character(end as string)) as [string, string];
        if ((from.codePointAt(0) as number) > (to.codePointAt(0) as number))
          wrong(`The range ${part} runs backwards.`, at);
        folded += `${literal(from)}-${literal(to)}`;
      } else if (/^\\[dws]/i.test(part)) exact += BLANKS[part[1] as string] ?? part;
      else folded += literal(character(part));
    }
    return `[${sign}${folded}${folded && otherCases(folded)}${exact}]`;
  };

  for (let at = 0; at < source.length; at = next.lastIndex) {
    next.lastIndex = at;
    const [token, open, close, mark, times, how, least, most, sign, items, , , kind] =
      next.exec(source) ?? refuse(at);
    const before = size;
    if (open) {
      groups.push([at, size]);
      written += "(?:";
      last = 0;
    } else if (close) {
      const outside = (groups.pop() ?? wrong("This ) has no matching (.", at))[1];
      size = Math.max(size, outside + 1);
      last = size - outside;
      written += token;
    } else if (times) {
      if (!last) wrong(`There is nothing to repeat before ${how}.`, at);
      if (most && +most < Number(least)) wrong(`The range ${how} runs backwards.`, at);
      size += last * (Math.max(1, Number(least ?? 0), Number(most ?? 0)) - 1);
      last = 0;
      written += token;
    } else if (mark) {
      last = 0;
      written += token;
    } else {
      const isDot = token === ".";
      written += set(
        isDot ? "^" : (sign ?? ""),
        items ?? kind ?? literal(isDot ? "\n" : character(token)),
        at,
      );
      last = size - before;
    }
    if (size > 1000 || groups.length > 50) tooLong(position - 1);
  }
  const [unclosed] = groups;
  if (unclosed) wrong("The ( is never closed.", unclosed[0]);
  return written;
}
