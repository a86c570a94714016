/** Python tracebacks as frames. */

export interface Frame {
  /** `File "flows/orders.py", line 118, in load` */
  where: string;
  code: string[];
}

export interface Traceback {
  /** The lines above the first frame, without the usual first line. */
  before: string[];
  frames: Frame[];
  /** The lines below the last frame. */
  after: string[];
}

const FRAME = /^\s+File ".*", line \d+/;

/** Splits a Python traceback into frames; text without any frame is all `before`. */
export function tracebackOf(lines: readonly string[]): Traceback {
  const parts: Traceback = { before: [], frames: [], after: [] };
  for (const line of lines) {
    const frame = parts.frames.at(-1);
    if (FRAME.test(line)) parts.frames.push({ where: line.trim(), code: [] });
    else if (!frame) {
      if (!line.startsWith("Traceback (most")) parts.before.push(line);
    } else if (/^\s{3,}/.test(line) && parts.after.length === 0) frame.code.push(line);
    else parts.after.push(line);
  }
  return parts;
}

/** `["ConnectionResetError", ": [Errno 104] …"]`; the name is empty where there is none. */
export function errorParts(error: string): [name: string, rest: string] {
  const found =
    /^([A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Signal|[A-Z]\w*))(:.*|$)/s.exec(
      error,
    );
  return found ? [found[1] ?? "", found[2] ?? ""] : ["", error];
}
