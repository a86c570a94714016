import type { RefObject } from "preact";
import { useMemo } from "preact/hooks";
import { exactCount } from "../../format/number";
import { familyClass, inOrder } from "../../format/state";
import { type Run, statesOf } from "../../state/run-table";
import { Icon, StateMark } from "../controls/icons";
import { Pill } from "../controls/pill";
import { useList, useListFields } from "../many/context";

interface Props {
  id: string;
  field: RefObject<HTMLInputElement | null>;
  runs: readonly Run[];
  /** How many runs match. */
  found: number;
}

/** The filter line, and a button for each state. Both write into the same text. */
export function RunFilter({ id, field, runs, found }: Props) {
  const list = useList();
  const { text, textError } = useListFields("text", "textError");
  const states = useMemo(() => inOrder(statesOf(runs)), [runs]);
  const asked = list.statesAsked;
  const isWrong = textError !== null && !textError.isOpen;
  const isFiltered = text.trim() !== "";
  return (
    <>
      <div class="bar">
        <search class="filter-line find-run">
          <Icon name="search" />
          <input
            ref={field}
            value={text}
            aria-label="Find a run"
            placeholder="Find a run, or state:failed"
            spellcheck={false}
            autocomplete="off"
            aria-invalid={isWrong}
            aria-describedby={isWrong ? `${id}-error` : undefined}
            onInput={({ currentTarget }) => list.type(currentTarget.value)}
            onKeyDown={(event) => {
              const { key, ctrlKey, metaKey } = event;
              if (key === "Backspace" && (ctrlKey || metaKey)) list.type("");
              else if (key === "Escape" || key === "Enter" || key === "ArrowDown") {
                const root = event.currentTarget.getRootNode() as ShadowRoot;
                root.querySelector<HTMLElement>('.table-row[tabindex="0"]')?.focus();
              } else return;
              event.preventDefault();
            }}
          />
          <span class="hits" role="status">
            {isFiltered && (
              <>
                <b>{exactCount(found)}</b> of {exactCount(runs.length)}
                <span class="unseen"> runs</span>
              </>
            )}
          </span>
          {isFiltered && (
            <button
              type="button"
              class="button icon-only quiet"
              aria-label="Clear the filter"
              title="Clear the filter (Ctrl+Backspace)"
              onClick={() => {
                list.type("");
                field.current?.focus();
              }}
            >
              <Icon name="close" />
            </button>
          )}
        </search>
        {states.map(([state, n]) => (
          <Pill
            key={state.name}
            class={asked.has(state.name) ? "only on" : "only"}
            name={state.name}
            n={n}
            what="run"
            isOn={asked.has(state.name)}
            onPress={() => list.toggleState(state.name)}
          >
            <span class={`state ${familyClass(state.family)}`}>
              <StateMark icon={state.icon} />
            </span>
          </Pill>
        ))}
      </div>
      {isWrong && (
        <p class="filter-error" id={`${id}-error`} role="status">
          {textError.message}
        </p>
      )}
    </>
  );
}
