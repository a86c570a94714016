import { safeLink } from "../core/links";
import { piecesOf } from "../core/message";

const NONE: readonly RegExp[] = [];

/** Terminal text as text nodes, with its hits marked and its addresses as links. */
export function drawMessage(
  text: string,
  marks: readonly RegExp[] = NONE,
  room?: number,
  tabIndex?: number,
) {
  return (
    <>
      {piecesOf(text, marks, room).map(({ text: piece, style, isHit, link }, i) => {
        const inner = isHit ? <mark>{piece}</mark> : piece;
        const href = safeLink(link);
        if (href !== null)
          return (
            <a
              key={i}
              class={style}
              href={href}
              target="_blank"
              rel="noreferrer"
              tabIndex={tabIndex}
            >
              {inner}
            </a>
          );
        return style ? (
          <span key={i} class={style}>
            {inner}
          </span>
        ) : (
          inner
        );
      })}
    </>
  );
}
