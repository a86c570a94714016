/** One view of a list of runs: its state, and the handling of the payload and of answers. */

import type { AnswerBody, QuestionBody, RunsPayload } from "../protocol/wire";
import { read } from "../query/parse";
import { exactly, withoutKey, withoutTerm, withTerm } from "../query/rewrite";
import { QuerySyntaxError, RUNS } from "../query/terms";
import { Changes } from "./changes";
import { ManyRuns, ManyRunsFields } from "./many-runs";
import { NEWEST_FIRST, type Run, type RunSorting, runTest } from "./run-table";

export class ListFields extends ManyRunsFields {
  declare payload: RunsPayload | null;

  text = "";
  textError: QuerySyntaxError | null = null;
  /** The test of the last text that could be parsed; null: every run. */
  test: ((run: Run) => boolean) | null = null;
  sorting: RunSorting = NEWEST_FIRST;
  /** Ids of the selected runs. */
  selected: ReadonlySet<string> = new Set();
  hoverTime: number | null = null;
}

export class ListStore extends ListFields {
  readonly #changes = new Changes<ListFields>(this);
  subscribe = this.#changes.subscribe;
  change = this.#changes.change;
}

export class RunList extends ManyRuns {
  override readonly store = new ListStore();
  /** A page of the server. */
  protected override readonly page = 200;

  receive(payload: RunsPayload): void {
    const { store } = this;
    const { rows } = payload;
    const before = store.payload;
    store.change({ payload, problem: null, held: payload.held });
    // Only how the list is called may have changed; the page may have more runs than the payload.
    if (before && before.rows.ids.length === rows.ids.length) return;
    this.put(rows, payload);
    if (!before && payload.held > store.runs.length) this.loadPage();
  }

  /** Sets the filter text. If it cannot be parsed, the last result stays. */
  type(text: string): void {
    const { store } = this;
    try {
      const test = text.trim() === "" ? null : runTest(text, { tz: store.zone });
      store.change({ text, textError: null, test });
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error;
      store.change({ text, textError: error });
    }
  }

  /** Names of the states that the text asks for. */
  get statesAsked(): ReadonlySet<string> {
    const { terms } = read(this.store.text, undefined, RUNS);
    return new Set(
      terms
        .filter(({ key, op, not }) => key === "state" && op === "=" && !not)
        .map(({ value }) => value as string),
    );
  }

  /** Adds a state to the text, or removes it. */
  toggleState(name: string): void {
    const { text } = this.store;
    const term = exactly("state", name);
    const isOn = this.statesAsked.has(name);
    this.type(isOn ? withoutTerm(text, term, RUNS) : withTerm(text, term, RUNS));
  }

  /** Removes the terms of a key from the text. */
  without(key: "time"): void {
    this.type(withoutKey(this.store.text, key, RUNS));
  }

  sort(sorting: RunSorting): void {
    this.store.change({ sorting });
  }

  select(ids: ReadonlySet<string>): void {
    this.store.change({ selected: ids });
    this.client.ask({ kind: "choose", ids: [...ids] });
  }

  toggleSelected(id: string): void {
    const next = new Set(this.store.selected);
    if (!next.delete(id)) next.add(id);
    this.select(next);
  }

  override close(): void {
    // Another view of the same list does not know what was selected in this one.
    if (this.store.selected.size > 0) this.client.ask({ kind: "choose", ids: [] });
    super.close();
  }

  protected override take(answer: AnswerBody, asked: QuestionBody): void {
    if (answer.kind === "runs") {
      this.put(answer.rows, answer);
      this.loaded(answer.rows.ids.length);
    } else super.take(answer, asked);
  }
}
