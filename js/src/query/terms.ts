/** The terms of a filter text; `flowrun_widgets/query/` is the same in Python. */

export type Key =
  | "text"
  | "regex"
  | "time"
  | "run"
  /** Of lines. */
  | "level"
  | "task"
  | "logger"
  | "attempt"
  /** Of runs. */
  | "state"
  | "flow"
  | "tag";

/** The keys of a filter text, besides words, expressions and times. */
export interface Grammar {
  /** Keys of names, which take `:` and `=`. */
  names: readonly Key[];
  /** Keys of numbers, which can be compared. */
  numbers: readonly Key[];
  /** The keys that a message about an unknown one lists. */
  hint: string;
}

/** The filter text of log lines. */
export const LINES: Grammar = {
  names: ["task", "logger", "run"],
  numbers: ["level", "attempt"],
  hint: "level, task, logger, attempt, time",
};

/** The filter text of a list of runs. */
export const RUNS: Grammar = {
  names: ["state", "flow", "run", "tag"],
  numbers: [],
  hint: "state, flow, run, tag, time",
};
export type Ends = [number | null, number | null];

export interface Term {
  key: Key;
  /** ":" contains, "=" equals, or a comparison. */
  op: string;
  /** For a time: both ends in microseconds, null where open. */
  value: string | number | Ends;
  /** Whether the term is negated. */
  not: boolean;
  /** The position in the text. */
  start: number;
  end: number;
}

export interface Query {
  terms: Term[];
}

/** The zone of typed times, UTC by default, and the date on which the run began in that zone. */
export interface Clock {
  tz?: string;
  firstDay?: string | null;
}

/** A text cannot be parsed; `position` is an index into the string. */
export class QuerySyntaxError extends Error {
  constructor(
    message: string,
    readonly position: number,
    /** Whether the text may only be unfinished: a quote or a slash is open. */
    readonly isOpen = false,
  ) {
    super(message);
  }
}

export const fail: (message: string, position: number, isOpen?: boolean) => never = (
  message,
  position,
  isOpen,
) => {
  throw new QuerySyntaxError(message, position, isOpen);
};

export const tooLong = (position: number) => fail("This term is too long.", position);

/** Escapes a text for a regular expression with the flag `u`, inside and outside of a class. */
export const literal = (text: string) =>
  text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&").replace(/-/g, "\\x2d");

/** The escapes in quotes: the characters after a backslash, and their values. */
export const ESCAPES = ['"\\nrt', '"\\\n\r\t'] as const;
