import { useEffect } from "preact/hooks";
import { safeLink } from "../../format/links";
import { duration } from "../../format/number";
import { moment } from "../../format/time";
import type { Artifact, RelatedRun } from "../../protocol/wire";
import { useCard, useFields } from "../context";
import { CopyButton } from "../controls/copy-button";
import { Icon } from "../controls/icons";
import { OpenedRun } from "../controls/opened-run";
import { StateWord } from "../controls/state";
import { Section } from "./details";

/** Related runs, artifacts and results, which are loaded when the details are opened, and errors of loading them. */
function useRelated() {
  const card = useCard();
  const fields = useFields("related", "relatedFailed", "payload");
  useEffect(() => card.wantRelated(), [card, fields.payload?.snapshot]);
  return fields;
}

const Loading = ({ failed }: { failed: string | null }) => (
  <p class="dim">{failed ?? "Loading…"}</p>
);

/** The run that called this one, and the runs that this one called. */
export function RelatedRuns() {
  const { related, relatedFailed, payload } = useRelated();
  if (!related) {
    const isSubflow = payload?.header.is_subflow;
    return (
      <Section name={isSubflow ? "Called by" : "Sub-flow runs"}>
        <Loading failed={relatedFailed} />
      </Section>
    );
  }
  const { parent, subflows, problems } = related;
  return (
    <>
      {problems.length > 0 && (
        <Section name="Not loaded">
          {problems.map((problem) => (
            <p key={problem} class="dim">
              {problem}
            </p>
          ))}
        </Section>
      )}
      {parent && (
        <Section name="Called by">
          <Runs runs={[parent]} />
        </Section>
      )}
      {subflows.length > 0 && (
        <Section name="Sub-flow runs" n={subflows.length}>
          <Runs runs={subflows} />
        </Section>
      )}
    </>
  );
}

function Runs({ runs }: { runs: readonly RelatedRun[] }) {
  const card = useCard();
  const { zone, kernel } = useFields("zone", "kernel");
  const canOpen = kernel === "here" && card.host.drawModel !== undefined;
  return (
    <ul class="related-runs">
      {runs.map((run) => {
        const address = safeLink(run.url);
        const name = [run.flow, run.name ?? run.id].filter(Boolean).join(" / ");
        return (
          <li key={run.id}>
            <StateWord state={run.state} />
            <bdi class="related-name">{name}</bdi>
            <span class="dim">
              {run.started_at === null ? "not started" : moment(run.started_at, zone)}
              {run.took !== null && ` · ${duration(run.took)}`}
            </span>
            {canOpen && (
              <button type="button" class="link" onClick={() => card.openRun(run.id)}>
                Open its card
              </button>
            )}
            {address && (
              <a href={address} target="_blank" rel="noreferrer">
                Prefect <Icon name="away" />
                <span class="unseen"> (new tab)</span>
              </a>
            )}
            {!canOpen && !address && (
              <CopyButton
                class="button icon-only quiet inline"
                text={run.id}
                label="Copy the run id"
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}

export function Artifacts() {
  const { related } = useFields("related");
  if (!related || related.artifacts.length === 0) return null;
  return (
    <Section name="Artifacts" n={related.artifacts.length}>
      <ul class="artifacts">
        {related.artifacts.map((artifact, i) => (
          <li key={i}>
            <ArtifactBox artifact={artifact} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function ArtifactBox({ artifact }: { artifact: Artifact }) {
  const { kind, key, description, task, text } = artifact;
  const address = safeLink(artifact.url);
  return (
    <details open={text.length < 400}>
      <summary>
        <b>{key ?? kind}</b>{" "}
        <span class="dim">
          {key && kind}
          {task && ` · ${task}`}
        </span>
      </summary>
      {description && (
        <p class="dim" dir="auto">
          {description}
        </p>
      )}
      {address ? (
        <a href={address} target="_blank" rel="noreferrer">
          {text || address} <Icon name="away" />
        </a>
      ) : (
        <pre dir="auto">{text}</pre>
      )}
    </details>
  );
}

/** Where results were stored. */
export function Results() {
  const { related } = useFields("related");
  if (!related || related.results.length === 0) return null;
  return (
    <Section name="Results" n={related.results.length}>
      <dl class="terms">
        {related.results.map(([task, location]) => (
          <div key={`${task} ${location}`}>
            <dt>
              <bdi>{task ?? "flow run"}</bdi>
            </dt>
            <dd class="code">
              {location}{" "}
              <CopyButton
                class="button icon-only quiet inline"
                text={location}
                label="Copy the location"
              />
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** The cards of other runs that were opened from this one, below it. */
export function OpenedRuns() {
  const card = useCard();
  const { openedRuns } = useFields("openedRuns");
  return (
    <>
      {openedRuns.map(({ id, model }) => (
        <OpenedRun key={id} model={model} onClose={() => card.closeRun(id)} />
      ))}
    </>
  );
}
