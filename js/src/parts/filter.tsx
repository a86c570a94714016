import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { count, plural } from "../core/format";
import { read } from "../core/query/parse";
import type { QuerySyntaxError } from "../core/query/terms";
import type { Store } from "../store";
import { icon } from "./icons";
import { pressFilter } from "./keys";
import { tool } from "./tool";

const SUGGEST_MS = 80;
const CALM_MS = 1000;
const PLACEHOLDER = 'level>=warning task:load -logger:boto "connection reset" /timeout \\d+/';

/** The filter line: one short text, of which pills, brush and clicks write parts as well. */
export function Filter({
  store,
  id,
  children,
}: {
  store: Store;
  id: string;
  children?: ComponentChildren;
}) {
  const field = useRef<HTMLInputElement>(null);
  const tint = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { text, textError, suggestions, suggestion, reading } = store;
  const items = store.isTyping ? (suggestions?.items ?? []) : [];

  useEffect(() => () => clearTimeout(timer.current), []);
  const follow = () => {
    if (tint.current && field.current) tint.current.scrollLeft = field.current.scrollLeft;
  };
  useLayoutEffect(follow);

  const close = () => store.change({ suggestions: null, suggestion: -1 });
  /** Writes as if it were typed, so that it can be undone. */
  const write = (from: number, to: number, words: string) => {
    const input = field.current;
    if (!input) return;
    input.focus();
    input.setSelectionRange(from, to);
    const how = words === "" ? "delete" : "insertText";
    if (input.ownerDocument.execCommand?.(how, false, words)) return;
    input.setRangeText(words, from, to, "end");
    reading.type(input.value);
  };
  const line = () => ({
    input: field.current as HTMLInputElement,
    clear: () => write(0, text.length, ""),
    accept: (index: number) => {
      const item = suggestions?.items[index];
      if (!suggestions || !item) return;
      write(suggestions.start, suggestions.end, item[0]);
      close();
      clearTimeout(timer.current);
    },
  });
  const onInput = (input: HTMLInputElement) => {
    reading.type(input.value);
    clearTimeout(timer.current);
    const caret = input.selectionStart ?? input.value.length;
    if (/\S/.test(input.value[caret - 1] ?? ""))
      timer.current = setTimeout(
        () => store.ask({ kind: "suggest", text: input.value, caret }),
        SUGGEST_MS,
      );
    else close();
  };

  return (
    <>
      <div class="bar" role="search">
        <div class="flt lines">
          {icon("filter")}
          <span class="line">
            <span class="tint" aria-hidden="true" ref={tint}>
              {drawTinted(text, textError)}
            </span>
            <input
              ref={field}
              role="combobox"
              aria-label="Filter lines"
              aria-autocomplete="list"
              aria-expanded={items.length > 0}
              aria-controls={`${id}-sug`}
              aria-activedescendant={suggestion < 0 ? undefined : `${id}-sug-${suggestion}`}
              aria-describedby={textError ? `${id}-err` : undefined}
              aria-invalid={textError !== null || undefined}
              placeholder={PLACEHOLDER}
              spellcheck={false}
              autocomplete="off"
              value={text}
              onInput={(event) => onInput(event.currentTarget)}
              onScroll={follow}
              onFocus={() => store.change({ isTyping: true })}
              onBlur={() => {
                close();
                store.change({ isTyping: false });
              }}
              onKeyDown={(event) => pressFilter(event, store, line())}
            />
          </span>
          <Hits store={store} />
          {text !== "" && (
            <>
              {tool("up", "Previous hit (Shift+Enter)", () => reading.find("hit", -1))}
              {tool("fold", "Next hit (Enter)", () => reading.find("hit", 1))}
              <span class="rule" />
              {tool("close", "Clear the filter (Ctrl+Backspace)", () => line().clear())}
            </>
          )}
          <ul
            class="sug"
            role="listbox"
            id={`${id}-sug`}
            aria-label="Suggestions"
            hidden={items.length === 0}
          >
            {items.map(([words, hint], i) => (
              <li
                key={words}
                id={`${id}-sug-${i}`}
                role="option"
                aria-selected={i === suggestion}
                onPointerDown={() => {
                  line().accept(i);
                  return true;
                }}
              >
                <code>{words}</code> <span class="d">{hint}</span>
              </li>
            ))}
          </ul>
        </div>
        {children}
      </div>
      {textError && (
        <p class="err" id={`${id}-err`} role="status">
          {textError.message}
        </p>
      )}
    </>
  );
}

/** The text again, below the field's own, which is transparent: values in colour, what is wrong underlined. */
function drawTinted(text: string, error: QuerySyntaxError | null) {
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
    add(term.start + (key.exec(text.slice(term.start, term.end))?.[0].length ?? 0), "k");
    add(Math.min(term.end, wrong), "v");
  }
  add(wrong, "");
  if (error) add(wrong + (/^\S+/.exec(text.slice(wrong))?.[0].length ?? 1), "bad");
  add(text.length, "");
  return <>{parts}</>;
}

/** "4 of 5 hits", and the same for those who listen, at most once a second. */
function Hits({ store }: { store: Store }) {
  const { looked, nth, heldHere, reading, payload } = store;
  const isLooking = reading.isLooking() && store.look.text.trim() !== "";
  const hidden = (payload?.logs?.total ?? 0) - (looked?.shown ?? 0);
  const isShown = reading.hasText() && looked !== null;
  const among = heldHere === null ? "" : ` among the ${plural(heldHere, "line")} held here`;
  const said = !isShown
    ? ""
    : `${nth === null ? "" : `Hit ${count(nth)} of `}${plural(looked.hits, "hit")}${among || `, ${plural(hidden, "line")} hidden`}`;
  const [calm, setCalm] = useState(said);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + CALM_MS - Date.now());
    const later = setTimeout(() => {
      last.current = Date.now();
      setCalm(said);
    }, wait);
    return () => clearTimeout(later);
  }, [said]);
  return (
    <>
      <span class="hits" aria-hidden="true">
        {isLooking
          ? "…"
          : isShown && (
              <>
                {nth !== null && (
                  <>
                    <b>{count(nth)}</b> of{" "}
                  </>
                )}
                <b>{count(looked.hits)}</b>
                <span class="opt"> {looked.hits === 1 ? "hit" : "hits"}</span>
                {among}
              </>
            )}
      </span>
      <span class="vh" role="status">
        {calm}
      </span>
    </>
  );
}
