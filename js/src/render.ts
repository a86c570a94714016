/**
 * Draws what the parts describe: the piece of preact's interface that the card uses, and no more. A description is
 * compared with the one before by keys and places; one that is the very same is left alone. Text is only ever text
 * nodes. Effects run once everything is in place. A listener that returns true has dealt with the event: the page does
 * nothing more about it.
 */

type Props = Record<string, unknown>;
type Type = string | ((props: never) => unknown);

interface Described {
  type: Type;
  props: Props;
  key: unknown;
}

interface Drawn {
  from: Described;
  key: unknown;
  inner: Drawn[];
  isSvg: boolean;
  /** Of an element or a text. */
  node: Element | Text | null;
  hooks: Hook[];
  isGone: boolean;
}

interface Hook {
  value?: unknown;
  needs?: readonly unknown[];
  end?: unknown;
}

const TEXT = "";
const SVG = "http://www.w3.org/2000/svg";
/** Attributes whose names a build may shorten, as the page knows them. */
const ATTRIBUTES: Record<string, string> = {
  "aria-hidden": "aria-hidden",
  "aria-label": "aria-label",
  children: "",
  ref: "",
  class: "class",
  tabIndex: "tabindex",
  onBlur: "onblur",
  onClick: "onclick",
  onFocus: "onfocus",
  onInput: "oninput",
  onKeyDown: "onkeydown",
  onPointerDown: "onpointerdown",
  onPointerMove: "onpointermove",
};

export const Fragment = ({ children }: { children?: unknown }) => children;

export function h(type: Type, props: Props | null, ...children: unknown[]): Described {
  const { key, ...rest } = props ?? {};
  if (children.length > 0) rest.children = children;
  return { type, props: rest, key };
}

function described(child: unknown): Described {
  if (Array.isArray(child)) return { type: Fragment, props: { children: child }, key: null };
  if (typeof child === "object" && child !== null) return child as Described;
  const isShown = child != null && typeof child !== "boolean";
  return { type: TEXT, props: { text: isShown ? String(child) : "" }, key: null };
}

function hear(this: Element & { heard: Record<string, (event: Event) => unknown> }, event: Event) {
  if (this.heard[event.type]?.(event) === true) event.preventDefault();
}

function setProp(element: Element, given: string, value: unknown, before: unknown): void {
  const name = ATTRIBUTES[given] ?? given;
  const { style, heard = {} } = element as HTMLElement & { heard?: Props };
  if (!name) return;
  if (name.startsWith("on")) {
    const type = name.slice(2).toLowerCase();
    if (!(type in heard)) element.addEventListener(type, hear as never);
    heard[type] = value;
    Object.assign(element, { heard });
  } else if (name === "style") {
    const [was, is] = [before ?? {}, value ?? {}] as [Props, Props];
    for (const key of Object.keys({ ...was, ...is }))
      if (was[key] !== is[key]) style[key as "top"] = (is[key] ?? "") as string;
  } else if (name === "value") {
    const field = element as HTMLInputElement;
    if (field.value !== value) field.value = value as string;
  } else if (value == null || (value === false && !/^(aria-|data-|spell)/.test(name)))
    element.removeAttribute(name);
  else element.setAttribute(name, String(value));
}

let current: Drawn;
let at = 0;
const effects: [Drawn, Hook, () => unknown][] = [];
const dirty = new Set<Drawn>();

function update(old: Drawn | undefined, from: Described, isInSvg: boolean): Drawn {
  if (old?.from === from) return old;
  const { type, props } = from;
  const isSvg = isInSvg || type === "svg";
  const drawn = old ?? { from, key: null, inner: [], isSvg, node: null, hooks: [], isGone: false };
  const before = old?.from.props ?? {};
  drawn.from = from;
  if (typeof type === "function") run(drawn);
  else if (type === TEXT) {
    if (!drawn.node) drawn.node = document.createTextNode(props.text as string);
    else if (props.text !== before.text) (drawn.node as Text).data = props.text as string;
  } else {
    let element = drawn.node as Element;
    if (!element) {
      element = isSvg ? document.createElementNS(SVG, type) : document.createElement(type);
      drawn.node = element;
      // A button of ours submits nothing.
      if (type === "button") element.setAttribute("type", type);
    }
    updateInner(drawn, (props.children as unknown[]) ?? []);
    place(drawn.inner.flatMap(nodesOf), element, null);
    for (const name of Object.keys({ ...before, ...props }))
      if (props[name] !== before[name] || name === "value")
        setProp(element, name, props[name], before[name]);
    if (props.ref) (props.ref as Hook & { current: unknown }).current = element;
  }
  return drawn;
}

function run(drawn: Drawn): void {
  const outer = [current, at] as const;
  [current, at] = [drawn, 0];
  const { type, props } = drawn.from;
  const out = (type as (props: Props) => unknown)(props);
  [current, at] = outer;
  updateInner(drawn, Array.isArray(out) ? out : [out]);
}

function updateInner(drawn: Drawn, children: unknown[]): void {
  const before = new Map(drawn.inner.map((inner) => [inner.key, inner]));
  const seen = new Set<unknown>();
  drawn.inner = children.map((child, i) => {
    const from = described(child);
    const key = from.key == null || seen.has(`.${from.key}`) ? i : `.${from.key}`;
    seen.add(key);
    const old = before.get(key);
    const isSame = old?.from.type === from.type;
    if (isSame) before.delete(key);
    const inner = update(isSame ? old : undefined, from, drawn.isSvg);
    inner.key = key;
    return inner;
  });
  for (const gone of before.values()) remove(gone);
}

const nodesOf = ({ node, inner }: Drawn): (Element | Text)[] =>
  node ? [node] : inner.flatMap(nodesOf);

function place(nodes: Node[], parent: Node, end: Node | null): void {
  let next = end;
  for (const node of nodes.reverse()) {
    if (node.parentNode !== parent || node.nextSibling !== next) parent.insertBefore(node, next);
    next = node;
  }
}

function remove(gone: Drawn, isInside = false): void {
  gone.isGone = true;
  for (const { end } of gone.hooks) if (typeof end === "function") end();
  for (const inner of gone.inner) remove(inner, isInside || gone.node !== null);
  if (!isInside) gone.node?.remove();
}

function settle(): void {
  for (const [drawn, hook, effect] of effects.splice(0)) {
    if (drawn.isGone) continue;
    if (typeof hook.end === "function") hook.end();
    hook.end = effect();
  }
}

function drawAgain(): void {
  for (const drawn of dirty) {
    dirty.delete(drawn);
    if (drawn.isGone) continue;
    const nodes = nodesOf(drawn);
    const { parentNode, nextSibling } = nodes.at(-1) as Node;
    run(drawn);
    if (parentNode) place(nodesOf(drawn), parentNode, nextSibling);
  }
  settle();
}

const roots = new WeakMap<Element, Drawn>();

export function render(child: unknown, into: Element): void {
  const root = update(roots.get(into), h(Fragment, null, child), false);
  place(nodesOf(root), into, null);
  roots.set(into, root);
  settle();
  if (child !== null) return;
  remove(root);
  roots.delete(into);
}

function hook(make: () => Hook): [hook: Hook, isNew: boolean] {
  const { hooks } = current;
  const isNew = at === hooks.length;
  if (isNew) hooks.push(make());
  return [hooks[at++] as Hook, isNew];
}

function needs(held: Hook, now: readonly unknown[] | undefined, isNew: boolean): boolean {
  const isSame = !isNew && now?.every((need, i) => Object.is(need, held.needs?.[i]));
  held.needs = now;
  return !isSame;
}

export const useRef = (value: unknown) => hook(() => ({ current: value }) as Hook)[0];

export function useMemo(make: () => unknown, on: readonly unknown[]): unknown {
  const [held, isNew] = hook(() => ({}));
  if (needs(held, on, isNew)) held.value = make();
  return held.value;
}

export function useEffect(effect: () => unknown, on?: readonly unknown[]): void {
  const [held, isNew] = hook(() => ({}));
  if (needs(held, on, isNew)) effects.push([current, held, effect]);
}
export const useLayoutEffect = useEffect;

export function useState(first: unknown): [unknown, (next: unknown) => void] {
  const drawn = current;
  const [held] = hook(() => ({ value: typeof first === "function" ? first() : first }));
  const set = (next: unknown) => {
    const value = typeof next === "function" ? next(held.value) : next;
    if (Object.is(value, held.value)) return;
    held.value = value;
    if (dirty.size === 0) queueMicrotask(drawAgain);
    dirty.add(drawn);
  };
  return [held.value, set];
}
