import { safeLink } from "../../format/links";
import { piecesOf } from "../../format/message";
import type { Marker } from "../../query/match";

const NONE: readonly Marker[] = [];

interface Props {
  text: string;
  markers?: readonly Marker[];
  /** The maximum number of characters; without it, all are drawn. */
  room?: number | undefined;
  tabIndex?: number;
}

/** Terminal text as text nodes, with its hits marked and its addresses as links. */
export function Message({ text, markers = NONE, room, tabIndex }: Props) {
  return (
    <>
      {piecesOf(text, markers, room).map(({ text: piece, style, isHit, link }, i) => {
        const inner = isHit ? <mark>{piece}</mark> : piece;
        const href = safeLink(link);
        if (href !== null)
          return (
            <a
              key={i}
              class={style || undefined}
              href={href}
              target="_blank"
              rel="noreferrer"
              tabIndex={tabIndex}
            >
              {inner}
            </a>
          );
        if (!style) return inner;
        return (
          <span key={i} class={style}>
            {inner}
          </span>
        );
      })}
    </>
  );
}
