import { translated } from "../core/query/pattern";

/**
 * Regular expressions in time that grows with the text alone, as RE2 has it: all ways through an expression are
 * gone at once, where the browser's own engine tries one after the other and may never end.
 */

type Step =
  | { kind: "character"; fits: (character: string) => boolean }
  | { kind: "split"; to: number[] }
  | { kind: "edge"; holds: (text: string, at: number) => boolean }
  | { kind: "end" };

const TOKEN = /\[(?:\\[\s\S]|[^\\\]])*\]|\(\?:|\\b|\{(\d+)(?:(,)(\d*))?\}|[)|^$*+?]/gu;
const isWord = (character = "") => /\w/.test(character);

const EDGES: Record<string, (text: string, at: number) => boolean> = {
  "^": (_, at) => at === 0,
  $: (text, at) => at === text.length,
  "\\b": (text, at) => isWord(text[at - 1]) !== isWord(text[at]),
};

/** Whether a character is in a class; what is found out is kept. */
function classOf(source: string): (character: string) => boolean {
  const pattern = new RegExp(source, "u");
  const known = new Map<string, boolean>();
  return (character) => {
    let fits = known.get(character);
    if (fits === undefined) {
      fits = pattern.test(character);
      known.set(character, fits);
    }
    return fits;
  };
}

/** Adds steps that lead on to what is added next. */
type Part = (steps: Step[]) => void;

const inRow =
  (parts: readonly Part[]): Part =>
  (steps) => {
    for (const part of parts) part(steps);
  };

const either =
  (ways: readonly Part[]): Part =>
  (steps) => {
    const [first, ...others] = ways as [Part, ...Part[]];
    if (others.length === 0) return first(steps);
    const split: Step = { kind: "split", to: [steps.length + 1] };
    steps.push(split);
    first(steps);
    const leave: Step = { kind: "split", to: [] };
    steps.push(leave);
    split.to.push(steps.length);
    either(others)(steps);
    leave.to.push(steps.length);
  };

const repeated =
  (part: Part, least: number, most: number): Part =>
  (steps) => {
    for (let i = 0; i < least; i++) part(steps);
    if (most === Infinity) {
      const split: Step = { kind: "split", to: [steps.length + 1] };
      const start = steps.push(split) - 1;
      part(steps);
      steps.push({ kind: "split", to: [start] });
      split.to.push(steps.length);
      return;
    }
    const splits: Step[] = [];
    for (let i = least; i < most; i++) {
      splits.push({ kind: "split", to: [steps.length + 1] });
      steps.push(splits.at(-1) as Step);
      part(steps);
    }
    for (const split of splits) if (split.kind === "split") split.to.push(steps.length);
  };

/** The steps of an expression in which every character is a class, as `translated` writes it. */
function stepsOf(source: string): Step[] {
  const tokens = [...source.matchAll(TOKEN)];
  let next = 0;
  const alternatives = (): Part => {
    const ways: Part[][] = [[]];
    for (; next < tokens.length && tokens[next]?.[0] !== ")"; next++) {
      const [token, low, comma, high] = tokens[next] as RegExpExecArray;
      const row = ways.at(-1) as Part[];
      const edge = EDGES[token];
      if (token === "|") ways.push([]);
      else if (token === "(?:") {
        next++;
        row.push(alternatives());
      } else if (token[0] === "[") {
        const fits = classOf(token);
        row.push((steps) => steps.push({ kind: "character", fits }));
      } else if (edge) row.push((steps) => steps.push({ kind: "edge", holds: edge }));
      else {
        const least = low === undefined ? (token === "+" ? 1 : 0) : +low;
        const most =
          low === undefined ? (token === "?" ? 1 : Infinity) : comma ? +(high || Infinity) : least;
        row.push(repeated(row.pop() as Part, least, most));
        // Whether the shortest or the longest is looked for first does not change what is found.
        if (tokens[next + 1]?.[0] === "?") next++;
      }
    }
    return either(ways.map(inRow));
  };
  const steps: Step[] = [];
  alternatives()(steps);
  steps.push({ kind: "end" });
  return steps;
}

/** Whether an expression of the filter line fits somewhere in a text. */
export function finder(source: string): (text: string) => boolean {
  const steps = stepsOf(translated(source, 0));
  const isAtStart = steps[0]?.kind === "edge" && steps[0].holds === EDGES["^"];
  /** For each step, the last round in which it was reached. */
  const reached = new Float64Array(steps.length);
  let round = 0;
  return (text) => {
    let now: number[] = [];
    round++;
    const reach = (from: number, at: number, found: number[]): boolean => {
      const open = [from];
      for (let place = open.pop(); place !== undefined; place = open.pop()) {
        if (reached[place] === round) continue;
        reached[place] = round;
        const step = steps[place] as Step;
        if (step.kind === "end") return true;
        if (step.kind === "character") found.push(place);
        else if (step.kind === "split") open.push(...step.to);
        else if (step.holds(text, at)) open.push(place + 1);
      }
      return false;
    };
    for (let at = 0; ; ) {
      if ((at === 0 || !isAtStart) && reach(0, at, now)) return true;
      if (at >= text.length || (isAtStart && now.length === 0)) return false;
      const character = String.fromCodePoint(text.codePointAt(at) as number);
      at += character.length;
      const following: number[] = [];
      round++;
      for (const place of now) {
        const step = steps[place] as Step;
        if (step.kind === "character" && step.fits(character) && reach(place + 1, at, following))
          return true;
      }
      now = following;
    }
  };
}
