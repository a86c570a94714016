import { readersZone } from "./core/format";
import { type Held, type Looked, plainLook } from "./core/items";
import type { AnswerBody, QuestionOf } from "./core/local";
import { openingTab, type Tab } from "./core/opening";
import type { QuerySyntaxError } from "./core/query/terms";
import type { Answer, Kept, LogRow, Look, Notice, Payload, Template } from "./core/wire";
import { type Reading, readingOf } from "./reading";
import { saveFile } from "./surroundings";
import { receiveTasks, TaskFields, takeTasks } from "./task-store";

/** The state of one view of a card. Parts read its fields, and write by `set` or by an action. */

export type Ask = (question: QuestionOf) => void;

export type Refresh = "idle" | "asked" | "working" | "queued";

export interface Opened {
  row: LogRow;
  /** The whole message; null while the rest is on its way. */
  message: string | null;
}

export interface Goal {
  place: number;
  where: "nearest" | "centre" | "top";
  isFocused: boolean;
}

export interface Suggestions {
  start: number;
  end: number;
  items: [text: string, hint: string][];
}

const NO_LOOK = plainLook(readersZone());

/** What a view shows besides what follows from it. Each value is replaced as a whole, never changed in place. */
export class Fields extends TaskFields {
  payload: Payload | null = null;
  /** Why there is nothing to show, in words. */
  problem: string | null = null;
  tab: Tab = "logs";
  refresh: Refresh = "idle";
  /** Whether a kernel stands behind the card; a page that was exported has none. */
  kernel: "none" | "here" | "gone" = "none";
  /** When Python tries again what has failed; 0: it does not. */
  retryAt = 0;
  /** Of when the copy in the notebook is, if that is not what is shown. */
  savedAt = "";
  failure: Notice | null = null;
  isChangeDismissed = false;
  isNoticeDismissed = false;
  isNoticeDetailed = false;
  isDigestUnfolded = false;
  now = Date.now() * 1000;
  width = 960;
  zone = readersZone();

  /** What stands in the filter line, and what is wrong with it. */
  text = "";
  textError: QuerySyntaxError | null = null;
  isTyping = false;
  suggestions: Suggestions | null = null;
  /** Which suggestion is chosen; -1: none. */
  suggestion = -1;
  /** What was asked for last, what is held of what is shown, and what was said about it. */
  look: Look = NO_LOOK;
  held: Held = {
    look: { ...NO_LOOK },
    snapshot: -1,
    total: 0,
    items: new Map(),
    old: new Map(),
    isLocal: false,
  };
  looked: Looked | null = null;
  /** How many lines were looked at if the page answered itself. */
  heldHere: number | null = null;
  /** The kernel does not answer what the reader wants to see. */
  isLate = false;
  view: "lines" | "patterns" = "lines";
  templates: { look: Look; rows: Template[] } | null = null;
  /** Where the log rows are scrolled to; see `core/window`. */
  offset = 0;
  scrollTop = 0;
  /** Height of the log rows on the screen; null until it has been measured. */
  viewport: number | null = null;
  /** The height that the reader gave them. */
  areaHeight: number | null = null;
  isWrapped = false;
  /** Measured heights of wrapped lines by arrival number. */
  heights: ReadonlyMap<number, number> = new Map();
  /** The place where the reader stands, and the arrival number of the last line on which that was. */
  cursor: number | null = null;
  near: number | null = null;
  /** The how manieth hit it is. */
  nth: number | null = null;
  /** Where a range of lines begins; it ends where the reader stands. */
  rangeFrom: number | null = null;
  hovered: number | null = null;
  opened: Opened | null = null;
  /** An item to bring into view, and to keep there while what is around it arrives, until the reader scrolls. */
  goal: Goal | null = null;
  /** Stays at the end of the lines while new ones come. */
  isAtTail = false;
  unseen = 0;
  /** A time that histogram and timeline both point at. */
  hoverTime: number | null = null;
  selected: ReadonlySet<number> = new Set();
  kept: Kept = { text: "", turn: 0, pins: [] };
  /** The line whose note is being written. */
  noting: LogRow | null = null;
  menu: "download" | "keys" | null = null;
}

export class Store extends Fields {
  readonly reading: Reading = readingOf(this);
  #parts: DataView[] = [];
  #draw: (() => void) | null = null;
  #isDue = false;

  constructor(readonly ask: Ask) {
    super();
  }

  get notice(): Notice | null {
    return this.isNoticeDismissed ? null : (this.failure ?? this.payload?.notice ?? null);
  }

  /** Whether there is more to come, and somebody who fetches it. */
  get canFollow(): boolean {
    return this.kernel === "here" && this.isGoing;
  }

  get isGoing(): boolean {
    const { payload } = this;
    return !!payload && (payload.is_following || !payload.header.is_finished);
  }

  get isWaitingForKernel(): boolean {
    return this.refresh === "queued" || this.isLate;
  }

  /** Draws at once, and then once after each turn in which something has changed. */
  drawWith(draw: () => void): void {
    this.#draw = draw;
    draw();
  }

  change(patch: Partial<Fields>): void {
    const names = Object.keys(patch) as (keyof Fields)[];
    if (names.every((name) => Object.is(this[name], patch[name]))) return;
    Object.assign(this, patch);
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#draw?.();
    });
  }

  receive(payload: Payload): void {
    const before = this.payload;
    const now = Date.now() * 1000;
    const retry = payload.notice?.retry_seconds;
    const retryAt = retry == null ? 0 : now + retry * 1e6;
    this.change({ problem: null, payload, failure: null, now, retryAt });
    if (before?.snapshot !== payload.snapshot) this.change({ isChangeDismissed: false });
    if (before?.notice?.at !== payload.notice?.at) this.change({ isNoticeDismissed: false });
    if (!before) this.change({ tab: openingTab(payload) });
    this.reading.receive(payload, before);
    receiveTasks(this, payload);
  }

  /** Takes the answer to the newest question of its kind. */
  answer(answer: Answer, asked: QuestionOf, buffers: DataView[] = []): void {
    this.change({ isLate: false });
    const { kind } = asked;
    if (answer.kind === "heard") {
      if (kind === "refresh" && this.refresh !== "idle") this.change({ refresh: "working" });
      return;
    }
    if (answer.kind === "failed") this.change({ isNoticeDismissed: false, failure: answer.notice });
    if (kind === "refresh") this.change({ refresh: "idle" });
    if (answer.kind === "download") this.#takePart(answer, buffers);
    if (answer.snapshot === this.payload?.snapshot) this.#take(answer, asked);
  }

  /** A question that the kernel has not heard in time. */
  late(asked: QuestionOf): void {
    if (asked.kind === "refresh") {
      if (this.refresh === "asked") this.change({ refresh: "queued" });
    } else if (asked.kind === "follow") this.change({ isLate: true });
    else this.reading.late(asked);
  }

  refreshNow(): void {
    if (this.refresh !== "idle") return;
    this.change({ refresh: "asked" });
    this.ask({ kind: "refresh" });
  }

  /** Has Python follow the run until it is over, or not. */
  follow(): void {
    if (this.canFollow) this.ask({ kind: "follow", is_on: !this.payload?.is_following });
  }

  /** Says what `card.selection` is now. */
  tellSelection(): void {
    this.ask({ kind: "select", seqs: [...this.selected], tasks: [...this.selectedTasks] });
  }

  /** Asks for lines as a file: those shown, or all. */
  download(isAll: boolean, format: "csv" | "jsonl"): void {
    this.#parts = [];
    this.change({ menu: null });
    this.ask({ kind: "download", look: isAll ? null : this.held.look, format });
  }

  /** Nothing is drawn any more. */
  dispose(): void {
    this.#draw = null;
  }

  #take(said: AnswerBody, asked: QuestionOf): void {
    if (said.kind === "tasks") takeTasks(this, said.start, said.rows);
    else if (said.kind === "suggestions") {
      const { start, end, items } = said;
      const isWanted = asked.kind === "suggest" && asked.text === this.text && this.isTyping;
      if (isWanted) this.change({ suggestions: { start, end, items }, suggestion: -1 });
    } else if (said.kind === "templates" && asked.kind === "templates")
      this.change({ templates: { look: asked.look, rows: said.rows } });
    else this.reading.take(said, asked);
  }

  #takePart({ name, part, parts }: Extract<Answer, { kind: "download" }>, buffers: DataView[]) {
    const [buffer] = buffers;
    if (buffer) this.#parts[part] = buffer;
    if (Object.keys(this.#parts).length < parts) return;
    saveFile(name, this.#parts as DataView<ArrayBuffer>[]);
    this.#parts = [];
  }
}
