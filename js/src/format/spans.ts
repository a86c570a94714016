/** What kind of time a span is. */

import { SPAN_KINDS } from "../protocol/wire";

export const isWaiting = (kind: number | undefined): boolean =>
  SPAN_KINDS[kind ?? 0] === "waited" || SPAN_KINDS[kind ?? 0] === "retry";
