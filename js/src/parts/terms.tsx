import type { ComponentChildren } from "preact";

export type Term = [name: string, value: ComponentChildren, kind?: string];

/** Names and their values; what has no value is left out. */
export function drawTerms(kind: string, terms: Term[]) {
  return (
    <dl class={kind}>
      {terms.map(
        ([name, value, kind], i) =>
          value && (
            <div key={i} class={kind}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
