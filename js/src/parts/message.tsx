import { runsOf } from "../core/ansi";

/** Terminal text as text nodes. */
export function Message({ text }: { text: string }) {
  return (
    <>
      {runsOf(text).map((run, i) =>
        run.style === "" ? (
          run.text
        ) : (
          <span key={i} class={run.style}>
            {run.text}
          </span>
        ),
      )}
    </>
  );
}
