/** The kinds of spans. */

import { SPAN_KINDS } from "../protocol/wire";

const kindOf = (kind: number | undefined) => SPAN_KINDS[kind ?? 0];

/** Before an attempt, between two, or paused. */
export const isWaiting = (kind: number | undefined): boolean =>
  /^(waited|retry|paused)$/.test(kindOf(kind) ?? "");
export const isFailed = (kind: number | undefined): boolean => kindOf(kind) === "failed";
/** Several attempts with the waits between them, of which nobody knows which was when. */
export const isSeveral = (kind: number | undefined): boolean => kindOf(kind) === "tried";
