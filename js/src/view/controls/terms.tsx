import type { ComponentChildren } from "preact";

export type Term = [name: string, value: ComponentChildren, kind?: string];

/** A list of names and values; names without a value are left out. */
export function Terms({ class: kind, terms }: { class: string; terms: readonly Term[] }) {
  return (
    <dl class={kind}>
      {terms.map(
        ([name, value, kind]) =>
          value !== null &&
          value !== undefined &&
          value !== false &&
          value !== "" && (
            <div key={name} class={kind}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
