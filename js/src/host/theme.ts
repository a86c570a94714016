/** Detects the host page of a card, which provides its colours, and whether that page is light or dark. */

export interface Theme {
  host: "jupyter" | "vscode" | "page";
  scheme: "light" | "dark";
  /** The background and text colours of a page that does not name its colours. */
  ground: string;
  text: string;
}

type Colour = [red: number, green: number, blue: number, alpha: number];

/** The components of a computed colour: 0 to 255, alpha 0 to 1; null if it is not given in red, green and blue. */
function partsOf(colour: string): Colour | null {
  const numbers = colour.match(/-?[\d.]+(e-?\d+)?/g)?.map(Number);
  if (!numbers || numbers.length < 3) return null;
  const share = colour.startsWith("color(") ? 255 : 1;
  if (share === 1 && !colour.startsWith("rgb")) return null;
  const [red = 0, green = 0, blue = 0, alpha = 1] = numbers;
  return [red * share, green * share, blue * share, alpha];
}

const isDark = ([red, green, blue]: Colour) => 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110;

/** The parent of an element, through shadow roots as well. */
function parentOf(element: Element): Element | null {
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

/** The first opaque background behind an element; null: the browser's own. */
function groundBehind(element: Element, view: Window): string | null {
  for (let at: Element | null = element; at; at = parentOf(at)) {
    const colour = view.getComputedStyle(at).backgroundColor;
    if ((partsOf(colour)?.[3] ?? 0) > 0.5) return colour;
  }
  return null;
}

/** Whether the browser draws an empty page dark: the reader prefers that and the page allows it. */
function isCanvasDark(element: Element, view: Window): boolean {
  const schemes = view.getComputedStyle(element).colorScheme.split(/\s+/);
  if (!schemes.includes("dark")) return false;
  return !schemes.includes("light") || view.matchMedia("(prefers-color-scheme: dark)").matches;
}

export function themeOf(element: Element): Theme {
  const page = element.ownerDocument;
  const view = page.defaultView ?? window;
  const { body, documentElement: root } = page;
  const marked = (kind: string) => body.classList.contains(kind);
  const ground = groundBehind(element, view);
  const colour = ground === null ? null : partsOf(ground);
  const isGroundDark = colour ? isDark(colour) : isCanvasDark(root, view);
  const scheme = isGroundDark ? "dark" : "light";
  const rest = {
    ground: ground ?? (isGroundDark ? "#111" : "#fff"),
    text: isGroundDark ? "#fff" : "#000",
  };
  if ([...body.classList].some((kind) => kind.startsWith("vscode-"))) {
    const isVsDark =
      marked("vscode-dark") ||
      (marked("vscode-high-contrast") && !marked("vscode-high-contrast-light"));
    return { host: "vscode", scheme: isVsDark ? "dark" : "light", ...rest };
  }
  const light = body.dataset.jpThemeLight ?? root.dataset.jpThemeLight;
  if (light === "true" || light === "false")
    return { host: "jupyter", scheme: light === "true" ? "light" : "dark", ...rest };
  return { host: "page", scheme, ...rest };
}

/** Calls `tell` with the theme, now and whenever it changes. A caller uses `look` when it may have changed. */
export function watchTheme(
  element: Element,
  tell: (theme: Theme) => void,
): { look: () => void; stop: () => void } {
  const page = element.ownerDocument;
  const view = page.defaultView ?? window;
  let known = "";
  const look = () => {
    // An element that is not in the page yet has nothing behind it, but the attributes of the page name the host.
    if (!element.isConnected && known !== "") return;
    const theme = themeOf(element);
    const key = JSON.stringify(theme);
    if (key === known) return;
    known = key;
    tell(theme);
  };
  const observer = new MutationObserver(look);
  for (const target of [page.documentElement, page.body])
    observer.observe(target, { attributes: true });
  const preference = view.matchMedia("(prefers-color-scheme: dark)");
  preference.addEventListener("change", look);
  // Style sheets may load after the attributes that choose between them.
  const later = setTimeout(look, 500);
  look();
  const stop = () => {
    observer.disconnect();
    preference.removeEventListener("change", look);
    clearTimeout(later);
  };
  return { look, stop };
}
