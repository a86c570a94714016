import { useEffect } from "preact/hooks";
import { clock, count } from "../core/format";
import { levelWord } from "../core/levels";
import { withTerm } from "../core/query/rewrite";
import type { Template } from "../core/wire";
import type { Store } from "../store";
import { CopyButton } from "./copy";

const SLOT = /(<[a-z]+>)/;

/** Lines of one pattern as one row: what differs between them is a slot. */
export function Patterns({ store }: { store: Store }) {
  const { held, templates } = store;
  useEffect(() => {
    if (templates?.look !== held.look) store.ask({ kind: "templates", look: held.look });
  }, [held.look, held.snapshot]);
  return (
    <div
      class="tbl pat"
      tabIndex={0}
      role="group"
      aria-label="Patterns"
      style={{ height: `${store.viewport ?? 440}px` }}
    >
      {templates === null ? (
        <p class="pn-f">The patterns are on their way.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th class="num">Lines</th>
              <th>Level</th>
              <th>First</th>
              <th>Last</th>
              <th class="pt">Pattern</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {templates.rows.map((row) => (
              <PatternRow key={row[0]} store={store} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function PatternRow({ store, row }: { store: Store; row: Template }) {
  const [pattern, n, first, last, level, term] = row;
  const show = () => {
    store.change({ view: "lines" });
    store.reading.type(withTerm(store.text, term));
  };
  return (
    <tr>
      <td class="num">{count(n)}</td>
      <td class="d">{level !== null && levelWord({ 2: level, 3: null })}</td>
      <td class="m">{clock(first, store.zone)}</td>
      <td class="m">{clock(last, store.zone)}</td>
      <td class="m">
        <button type="button" class="lnk" title={pattern} onClick={show}>
          {pattern.split(SLOT).map((part, i) => (i % 2 ? <i key={i}>{part}</i> : part))}
        </button>
      </td>
      <td>
        <CopyButton
          kind="btn ic q"
          label="Copy the expression for its slots"
          text={`card.flow_run.get_logs().extract(${JSON.stringify(pattern)})`}
        />
      </td>
    </tr>
  );
}
