import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { count, exactCount, plural } from "../../format/number";
import { read } from "../../query/parse";
import type { QuerySyntaxError } from "../../query/terms";
import { useCard, useFields } from "../context";
import { Icon } from "../controls/icons";
import { Tool } from "../controls/tool";
import { type FilterLine, pressFilter } from "./keys";

const SUGGEST_MS = 80;
const CALM_MS = 1000;
const PLACEHOLDER = 'level>=warning task:load -logger:boto "connection reset" /timeout \\d+/';

/** The filter line: one text, which pills, brush and clicks also edit. */
export function Filter({ id, children }: { id: string; children?: ComponentChildren }) {
  const card = useCard();
  const { store, logs } = card;
  const field = useRef<HTMLInputElement>(null);
  const tint = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { text, textError, suggestions, suggestion, isTyping } = useFields(
    "text",
    "textError",
    "suggestions",
    "suggestion",
    "isTyping",
  );
  const items = isTyping ? (suggestions?.items ?? []) : [];

  useEffect(() => () => clearTimeout(timer.current), []);
  const follow = () => {
    if (tint.current && field.current) tint.current.scrollLeft = field.current.scrollLeft;
  };
  useLayoutEffect(() => {
    if (text !== "") follow();
  }, [text]);

  const close = () => store.change({ suggestions: null, suggestion: -1 });
  /** Inserts text as if it were typed, so that it can be undone. */
  const write = (from: number, to: number, words: string) => {
    const input = field.current;
    if (!input) return;
    input.focus();
    input.setSelectionRange(from, to);
    const how = words === "" ? "delete" : "insertText";
    if (from < to || words !== "") {
      if (input.ownerDocument.execCommand?.(how, false, words)) return;
      input.setRangeText(words, from, to, "end");
    }
    logs.type(input.value);
  };
  const line: FilterLine = {
    get input() {
      return field.current as HTMLInputElement;
    },
    put: (words) => write(0, store.text.length, words),
    accept: (index) => {
      const item = store.suggestions?.items[index];
      if (!store.suggestions || !item) return;
      write(store.suggestions.start, store.suggestions.end, item[0]);
      close();
      clearTimeout(timer.current);
    },
  };
  const onInput = (input: HTMLInputElement) => {
    logs.type(input.value);
    clearTimeout(timer.current);
    const caret = input.selectionStart ?? input.value.length;
    if (/\S/.test(input.value[caret - 1] ?? "") && !logs.history.isRecalling)
      timer.current = setTimeout(() => card.suggest(input.value, caret), SUGGEST_MS);
    else close();
  };
  const isUnfinished = textError !== null && isUnfinishedIn(text, textError);

  return (
    <>
      <div class="bar" role="search">
        <div class="filter-line">
          <Icon name="filter" />
          <span class="filter-text">
            <span class="filter-tint" aria-hidden="true" ref={tint}>
              <Tinted text={text} error={textError} />
            </span>
            <input
              ref={field}
              data-part="filter"
              role="combobox"
              aria-label="Filter lines"
              aria-autocomplete="list"
              aria-expanded={items.length > 0}
              aria-controls={`${id}-suggestions`}
              aria-activedescendant={suggestion < 0 ? undefined : `${id}-suggestion-${suggestion}`}
              aria-describedby={textError && !isUnfinished ? `${id}-error` : undefined}
              aria-invalid={textError !== null && !isUnfinished ? true : undefined}
              placeholder={PLACEHOLDER}
              spellcheck={false}
              autocomplete="off"
              value={text}
              onInput={(event) => onInput(event.currentTarget)}
              onScroll={follow}
              onFocus={() => store.change({ isTyping: true })}
              onBlur={() => {
                close();
                logs.remember();
                store.change({ isTyping: false });
              }}
              onKeyDown={(event) => pressFilter(event, card, line)}
            />
          </span>
          <Hits />
          {text !== "" && (
            <>
              <Tool
                icon="up"
                name="Previous hit (Shift+Enter)"
                onPress={() => logs.find("hit", -1)}
              />
              <Tool icon="fold" name="Next hit (Enter)" onPress={() => logs.find("hit", 1)} />
              <span class="rule" />
              <Tool
                icon="close"
                name="Clear the filter"
                onPress={() => {
                  logs.remember();
                  line.put("");
                }}
              />
            </>
          )}
          <ul
            class="suggestions"
            role="listbox"
            id={`${id}-suggestions`}
            aria-label="Suggestions"
            hidden={items.length === 0}
          >
            {items.map(([words, hint], i) => (
              <li
                key={words}
                id={`${id}-suggestion-${i}`}
                role="option"
                aria-selected={i === suggestion}
                onPointerDown={(event) => {
                  event.preventDefault();
                  line.accept(i);
                }}
              >
                <code>{words}</code> <span class="dim">{hint}</span>
              </li>
            ))}
          </ul>
        </div>
        {children}
      </div>
      {textError && !isUnfinished && (
        <p class="filter-error" id={`${id}-error`} role="status">
          {textError.message}
        </p>
      )}
    </>
  );
}

/** Whether the next keys may correct the error. */
const isUnfinishedIn = (text: string, { isOpen, position }: QuerySyntaxError) =>
  isOpen || position >= text.trimEnd().length;

/** A coloured copy of the text below the field's own, which is transparent; errors are underlined. */
function Tinted({ text, error }: { text: string; error: QuerySyntaxError | null }) {
  const wrong = error ? Math.min(error.position, text.trimEnd().length - 1) : text.length;
  const parts: ComponentChildren[] = [];
  let at = 0;
  const add = (end: number, kind: string) => {
    const stop = Math.max(at, end);
    if (stop > at)
      parts.push(
        <span key={at} class={kind}>
          {text.slice(at, stop)}
        </span>,
      );
    at = stop;
  };
  for (const term of read(text).terms) {
    if (term.start >= wrong) break;
    add(term.start, "");
    const isSaid = term.key === "text" || term.key === "regex";
    const key = isSaid ? /^-?/ : /^-?\w+[:<>=]=?/;
    add(term.start + (key.exec(text.slice(term.start, term.end))?.[0].length ?? 0), "filter-key");
    add(Math.min(term.end, wrong), "filter-value");
  }
  add(wrong, "");
  if (error) add(wrong + (/^\S+/.exec(text.slice(wrong))?.[0].length ?? 1), "filter-wrong");
  add(text.length, "");
  return <>{parts}</>;
}

/** "4 of 5 hits", and the same for screen readers, at most once a second. */
function Hits() {
  const { logs } = useCard();
  const { result, nth, payload, query, text, textError } = useFields(
    "result",
    "nth",
    "payload",
    "query",
    "rows",
    "text",
    "textError",
  );
  if (textError && isUnfinishedIn(text, textError))
    return (
      <span class="hits" title={textError.message}>
        not finished
      </span>
    );
  const lines = payload?.logs;
  const searched = result?.searched;
  const isShown = logs.hasText && result !== null;
  const isPartial = lines?.is_complete === false;
  const among = searched === undefined ? "" : ` in the ${plural(searched, "loaded line")}`;
  const bound = isPartial ? "≥ " : "";
  const hidden = (lines?.total ?? 0) - (result?.shown ?? 0);
  const said = !isShown
    ? ""
    : `${nth === null ? "" : `Hit ${count(nth)} of `}${bound}${plural(result.hits, "hit")}${
        among || (query.lines === "all" ? "" : `, ${exactCount(hidden)} lines hidden`)
      }`;
  return (
    <>
      <span class="hits" aria-hidden="true">
        {!logs.hasText
          ? ""
          : logs.isLooking || !isShown
            ? "…"
            : [
                nth !== null && (
                  <span key="nth">
                    <b>{count(nth)}</b> of{" "}
                  </span>
                ),
                <span key="hits">
                  {bound}
                  <b>{count(result.hits)}</b>
                  <span class="wide-only"> {result.hits === 1 ? "hit" : "hits"}</span>
                </span>,
                <span key="among" class="wide-only">
                  {among}
                </span>,
              ]}
      </span>
      <Calm text={said} />
    </>
  );
}

/** A status that changes at most once a second. */
function Calm({ text }: { text: string }) {
  const [calm, setCalm] = useState(text);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + CALM_MS - Date.now());
    const later = setTimeout(() => {
      last.current = Date.now();
      setCalm(text);
    }, wait);
    return () => clearTimeout(later);
  }, [text]);
  return (
    <span class="unseen" role="status">
      {calm}
    </span>
  );
}
