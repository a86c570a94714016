import { useEffect } from "preact/hooks";
import { levelWord } from "../../format/level";
import { count } from "../../format/number";
import { clock, zoneName } from "../../format/time";
import type { Template } from "../../protocol/wire";
import { withTerm } from "../../query/rewrite";
import { useCard, useFields } from "../context";
import { CopyButton } from "../controls/copy-button";

const SLOT = /(<[a-z]+>)/;
const HEIGHT = 440;

/** A table of patterns: a row stands for all lines of a pattern, with slots for the parts that differ. */
export function Patterns() {
  const card = useCard();
  const { rows, templates, templatesFailed, viewport, zone, result } = useFields(
    "rows",
    "templates",
    "templatesFailed",
    "viewport",
    "zone",
    "result",
  );
  const isOld = templates?.query.text !== rows.query.text || templates?.snapshot !== rows.snapshot;
  useEffect(() => {
    if (isOld && result) card.wantTemplates();
  }, [rows.query.text, rows.snapshot, result === null]);
  const at = templates?.rows[0]?.[2] ?? 0;
  return (
    <div
      class="patterns"
      tabIndex={0}
      role="group"
      aria-label="Patterns"
      style={{ height: `${viewport ?? HEIGHT}px` }}
    >
      {templatesFailed !== null ? (
        <p class="panel-foot">{templatesFailed}</p>
      ) : templates === null ? (
        <p class="panel-foot">Finding patterns…</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th class="figure">Lines</th>
              <th>Level</th>
              <th>
                First <span class="dim">{zoneName(at, zone)}</span>
              </th>
              <th>Last</th>
              <th class="pattern">Pattern</th>
              <th class="tools" aria-label="Copy" />
            </tr>
          </thead>
          <tbody>
            {templates.rows.map((row) => (
              <PatternRow key={row[0]} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function PatternRow({ row }: { row: Template }) {
  const { store, logs } = useCard();
  const { zone, payload } = useFields("zone", "payload");
  const [pattern, n, first, last, level, term] = row;
  const show = () => {
    store.change({ view: "lines" });
    logs.type(withTerm(store.text, term), "hits");
  };
  return (
    <tr>
      <td class="figure">{count(n)}</td>
      <td class="dim">{level !== null && levelWord({ 2: level, 3: null })}</td>
      <td class="code">{clock(first, zone)}</td>
      <td class="code">{clock(last, zone)}</td>
      <td class="code">
        <button type="button" class="link" title={pattern} onClick={show} dir="auto">
          {pattern.split(SLOT).map((part, i) => (i % 2 ? <i key={i}>{part}</i> : part))}
        </button>
      </td>
      <td>
        <CopyButton
          class="button icon-only quiet"
          label="Copy the Python expression for its values"
          text={`${payload?.expression}.flow_run.get_logs().extract(${JSON.stringify(pattern)})`}
        />
      </td>
    </tr>
  );
}
