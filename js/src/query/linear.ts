/**
 * Matches regular expressions in time linear in the text, as RE2 does: all ways through an expression are followed at
 * once, while the browser's own engine tries one after the other and may take exponential time. A set of steps that are
 * reached together is a state; states and their transitions are computed when they are first needed.
 */

type Edge = "start" | "end" | "word";

type Node =
  | { kind: "set"; set: number }
  | { kind: "edge"; edge: Edge }
  | { kind: "row"; parts: Node[] }
  | { kind: "either"; ways: Node[] }
  | { kind: "repeat"; part: Node; least: number; most: number };

const TOKEN = /\[(?:\\[\s\S]|[^\\\]])*\]|\(\?:|\\b|\{(\d+)(?:(,)(\d*))?\}|[)|^$*+?]/gu;
const EDGES: Record<string, Edge> = { "^": "start", $: "end", "\\b": "word" };

/** Parses an expression in which every character is a class, as `translated` writes it: its tree and its classes. */
function parsed(source: string): [Node, RegExp[]] {
  const tokens = [...source.matchAll(TOKEN)];
  const sets = new Map<string, number>();
  let next = 0;
  const alternatives = (): Node => {
    const ways: Node[][] = [[]];
    for (; next < tokens.length && tokens[next]?.[0] !== ")"; next++) {
      const [token, low, comma, high] = tokens[next] as RegExpExecArray;
      const row = ways.at(-1) as Node[];
      const edge = EDGES[token];
      if (token === "|") ways.push([]);
      else if (token === "(?:") {
        next++;
        row.push(alternatives());
      } else if (token[0] === "[") {
        const set = sets.get(token) ?? sets.size;
        sets.set(token, set);
        row.push({ kind: "set", set });
      } else if (edge) row.push({ kind: "edge", edge });
      else {
        const least = low === undefined ? (token === "+" ? 1 : 0) : +low;
        const most =
          low === undefined ? (token === "?" ? 1 : Infinity) : comma ? +(high || Infinity) : least;
        row.push({ kind: "repeat", part: row.pop() as Node, least, most });
        // Lazy quantifiers are treated as greedy: only whether there is a match counts, or the longest one.
        if (tokens[next + 1]?.[0] === "?") next++;
      }
    }
    return { kind: "either", ways: ways.map((parts): Node => ({ kind: "row", parts })) };
  };
  const tree = alternatives();
  return [tree, [...sets.keys()].map((set) => new RegExp(set, "u"))];
}

type Step =
  | { kind: "set"; set: number }
  | { kind: "split"; to: number[] }
  | { kind: "edge"; edge: Edge }
  | { kind: "end" };

const TURNED: Record<Edge, Edge> = { start: "end", end: "start", word: "word" };

/** The steps of an expression; `isTurned` gives those that match backwards, from the end of a text. */
function stepsOf(tree: Node, isTurned: boolean): Step[] {
  const steps: Step[] = [];
  const add = (node: Node): void => {
    if (node.kind === "set") steps.push(node);
    else if (node.kind === "edge")
      steps.push(isTurned ? { kind: "edge", edge: TURNED[node.edge] } : node);
    else if (node.kind === "row") {
      for (const part of isTurned ? node.parts.toReversed() : node.parts) add(part);
    } else if (node.kind === "either") {
      const leaving = node.ways.map((way, i) => {
        if (i === node.ways.length - 1) return add(way);
        const split: Step = { kind: "split", to: [steps.length + 1] };
        steps.push(split);
        add(way);
        const leave: Step = { kind: "split", to: [] };
        steps.push(leave);
        split.to.push(steps.length);
        return leave;
      });
      for (const leave of leaving) leave?.to.push(steps.length);
    } else {
      for (let i = 0; i < node.least; i++) add(node.part);
      if (node.most === Infinity) {
        const split: Step = { kind: "split", to: [steps.length + 1] };
        const start = steps.push(split) - 1;
        add(node.part);
        steps.push({ kind: "split", to: [start] });
        split.to.push(steps.length);
        return;
      }
      const splits: Extract<Step, { kind: "split" }>[] = [];
      for (let i = node.least; i < node.most; i++) {
        const split: Step = { kind: "split", to: [steps.length + 1] };
        splits.push(split);
        steps.push(split);
        add(node.part);
      }
      for (const split of splits) split.to.push(steps.length);
    }
  };
  add(tree);
  steps.push({ kind: "end" });
  return steps;
}

const isWord = (code: number) =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95;

/** Characters that are in the same classes are one kind; kind 0 is the end of the text. */
class Kinds {
  readonly #ascii = new Int16Array(128);
  readonly #others = new Map<number, number>();
  readonly #known = new Map<string, number>();
  /** For each kind, the classes that it is in, and whether it is a letter, digit or underscore. */
  readonly sets: boolean[][] = [[]];
  readonly words: boolean[] = [false];

  constructor(private readonly classes: readonly RegExp[]) {}

  of(code: number): number {
    const known = code < 128 ? this.#ascii[code] : this.#others.get(code);
    if (known) return known;
    const character = String.fromCodePoint(code);
    const sets = this.classes.map((one) => one.test(character));
    const word = isWord(code);
    const key = `${word}${sets}`;
    let kind = this.#known.get(key);
    if (kind === undefined) {
      kind = this.sets.push(sets) - 1;
      this.words.push(word);
      this.#known.set(key, kind);
    }
    if (code < 128) this.#ascii[code] = kind;
    else this.#others.set(code, kind);
    return kind;
  }
}

const MAX_STATES = 4000;
/** The character before a state: none, a word character, or another. */
const [AT_START, AFTER_WORD, AFTER_OTHER] = [0, 1, 2];
const DEAD = 0;

/** Reads characters one by one, and tells whether a match ends before each. */
class Machine {
  /** The state at the start of the text. */
  first = DEAD;
  /** For each state, by kind: twice the next state, and 1 more if a match ends before the character; -1: unknown. */
  #table: number[][] = [];
  #seeds: number[][] = [];
  #before: number[] = [];
  #numbers = new Map<string, number>();

  constructor(
    private readonly steps: readonly Step[],
    private readonly kinds: Kinds,
    /** Whether a match may begin anywhere. */
    private readonly isFree: boolean,
    /** Whether empty matches are ignored. */
    private readonly skipsEmpty = false,
  ) {
    this.#forget();
  }

  /** The state after a word character or another one; null: at the start of the text. */
  firstAfter(word: boolean | null): number {
    if (word === null) return this.first;
    return this.#numberOf([0], word ? AFTER_WORD : AFTER_OTHER);
  }

  /** Twice the next state, and 1 more if a match ends before this character. */
  next(state: number, kind: number): number {
    return this.#table[state]?.[kind] ?? this.#found(state, kind);
  }

  #forget(): void {
    this.#table = [[]];
    this.#seeds = [[]];
    this.#before = [AT_START];
    this.#numbers = new Map();
    this.first = this.#numberOf([0], AT_START);
  }

  #numberOf(seeds: number[], before: number): number {
    if (seeds.length === 0) return DEAD;
    const key = `${before} ${seeds}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#table.push([]) - 1;
      this.#seeds.push(seeds);
      this.#before.push(before);
      this.#numbers.set(key, number);
    }
    return number;
  }

  #found(state: number, kind: number): number {
    if (state === DEAD) return DEAD;
    const before = this.#before[state] as number;
    const word = this.kinds.words[kind] as boolean;
    const holds = (edge: Edge) =>
      edge === "start"
        ? before === AT_START
        : edge === "end"
          ? kind === 0
          : (before === AFTER_WORD) !== word;
    const open = [...(this.#seeds[state] as number[])];
    const reached = new Set<number>();
    const seeds = new Set<number>();
    let isMatch = false;
    let isEmpty = false;
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      // A match that begins here is the first of the seeds, so it is popped last.
      isEmpty ||= this.skipsEmpty && place === 0 && open.length === 0;
      if (reached.has(place)) continue;
      reached.add(place);
      const step = this.steps[place] as Step;
      if (step.kind === "end") isMatch ||= !isEmpty;
      else if (step.kind === "split") open.push(...step.to);
      else if (step.kind === "edge") {
        if (holds(step.edge)) open.push(place + 1);
      } else if (this.kinds.sets[kind]?.[step.set]) seeds.add(place + 1);
    }
    if (this.isFree && kind !== 0) seeds.add(0);
    const sorted = [...seeds].sort((a, b) => a - b);
    const next = this.#numberOf(sorted, word ? AFTER_WORD : AFTER_OTHER);
    const found = 2 * next + (isMatch ? 1 : 0);
    (this.#table[state] as number[])[kind] = found;
    if (this.#table.length <= MAX_STATES) return found;
    this.#forget();
    return 2 * this.#numberOf(sorted, word ? AFTER_WORD : AFTER_OTHER) + (isMatch ? 1 : 0);
  }
}

export interface Stretch {
  from: number;
  to: number;
}

/** An expression of the filter text; `source` is as `translated` writes it. */
export class LinearRegExp {
  readonly #tree: Node;
  readonly #kinds: Kinds;
  readonly #finder: Machine;
  #starts: Machine | null = null;
  #ends: Machine | null = null;

  constructor(source: string) {
    const [tree, classes] = parsed(source);
    this.#tree = tree;
    this.#kinds = new Kinds(classes);
    this.#finder = new Machine(stepsOf(tree, false), this.#kinds, true);
  }

  /** Whether the expression matches anywhere in a text. */
  test(text: string): boolean {
    const [finder, kinds] = [this.#finder, this.#kinds];
    let state = finder.first;
    for (let at = 0; at < text.length; ) {
      const code = text.codePointAt(at) as number;
      at += code > 0xffff ? 2 : 1;
      const next = finder.next(state, kinds.of(code));
      if (next & 1) return true;
      state = next >> 1;
    }
    return (finder.next(state, 0) & 1) === 1;
  }

  /** The first matches in a text, each as long as possible. */
  matches(text: string, most: number): Stretch[] {
    const kinds = this.#kinds;
    this.#starts ??= new Machine(stepsOf(this.#tree, true), kinds, true, true);
    this.#ends ??= new Machine(stepsOf(this.#tree, false), kinds, false);
    const codes = Array.from(text, (character) => character.codePointAt(0) as number);
    const isStart = new Uint8Array(codes.length + 1);
    let state = this.#starts.first;
    for (let at = codes.length; at >= 0; at--) {
      const next = this.#starts.next(state, at > 0 ? kinds.of(codes[at - 1] as number) : 0);
      isStart[at] = next & 1;
      state = next >> 1;
    }
    const found: [number, number][] = [];
    for (let at = 0; at < codes.length && found.length < most; at++) {
      if (!isStart[at]) continue;
      const end = this.#endFrom(codes, at);
      found.push([at, end]);
      at = end - 1;
    }
    return inUnits(found, codes);
  }

  /** The end of the longest match that begins at a position. */
  #endFrom(codes: readonly number[], from: number): number {
    const [ends, kinds] = [this.#ends as Machine, this.#kinds];
    let end = from;
    let state = ends.firstAfter(from > 0 ? isWord(codes[from - 1] as number) : null);
    for (let at = from; ; at++) {
      const next = ends.next(state, at < codes.length ? kinds.of(codes[at] as number) : 0);
      if (next & 1) end = at;
      state = next >> 1;
      if (state === DEAD || at === codes.length) return end;
    }
  }
}

/** Converts positions counted in characters to indices into a string. */
function inUnits(found: readonly [number, number][], codes: readonly number[]): Stretch[] {
  let [at, unit] = [0, 0];
  const unitOf = (place: number) => {
    for (; at < place; at++) unit += (codes[at] as number) > 0xffff ? 2 : 1;
    return unit;
  };
  return found.map(([from, to]) => ({ from: unitOf(from), to: unitOf(to) }));
}
