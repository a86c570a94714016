/** The terms of a filter text; `flowrun_widgets/query/` is the same in Python. */

export type Key = "text" | "regex" | "level" | "task" | "logger" | "run" | "attempt" | "time";
export type Ends = [number | null, number | null];

export interface Term {
  key: Key;
  /** ":" contains, "=" is, or a comparison. */
  op: string;
  /** For a time: both ends in microseconds, null where open. */
  value: string | number | Ends;
  /** Whether the lines that fit are those to leave out. */
  not: boolean;
  /** Where it stands in the text. */
  start: number;
  end: number;
}

export interface Query {
  terms: Term[];
}

/** What typed times mean: a zone, UTC without one, and the date on which the run began there. */
export interface Clock {
  tz?: string;
  firstDay?: string | null;
}

/** A text that is no query; `position` is an index into the string. */
export class QuerySyntaxError extends Error {
  constructor(
    message: string,
    readonly position: number,
    /** Whether it may only not be finished yet: a quote or a slash is open. */
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

/** A text as a regular expression with the flag `u`, inside of a class and outside. */
export const literal = (text: string) =>
  text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&").replace(/-/g, "\\x2d");

/** What stands for what behind a backslash in quotes. */
export const ESCAPES = ['"\\nrt', '"\\\n\r\t'] as const;
