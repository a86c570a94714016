/** The kinds of spans. */

import { SPAN_KINDS } from "../protocol/wire";

const kindOf = (kind: number | undefined) => SPAN_KINDS[kind ?? 0];

/** Waits: before an attempt, between two attempts, or paused. */
export const isWaiting = (kind: number | undefined): boolean =>
  /^(waited|retry|paused)$/.test(kindOf(kind) ?? "");
export const isFailed = (kind: number | undefined): boolean => kindOf(kind) === "failed";
/** Several attempts and the waits between them; the time of each is not known. */
export const isSeveral = (kind: number | undefined): boolean => kindOf(kind) === "tried";
