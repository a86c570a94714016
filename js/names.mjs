import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What hosts of anywidget call in us and hand to us. */
const HOST = /^(initialize|render|model|el|host|experimental|widget_manager|get|set|on|off|send)$/;

/** Ours, though the page or a string has the same word: what parts hand on, and attributes that `render` names. */
const OURS = [
  "aria-label aria-hidden children class onBlur onClick onFocus onInput onKeyDown onPointerDown onPointerMove tabIndex",
  "act change current cursor held looked menu offset payload props reading row selected store suggestions tab viewport",
].flatMap((names) => names.split(" "));

async function textOf(folder, kind) {
  const entries = await readdir(at(folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && kind.test(entry.name))
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`);
  return (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("\n");
}

const NAME = /[A-Za-z_$][\w$]*/g;
const words = (text) => text.match(NAME) ?? [];
const strings = (text) => text.match(/(?<=["'])[A-Za-z_$][\w$]*(?=["'])/g) ?? [];
const bare = (text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");

/** What interfaces declare, whether they stand on a line of their own or within one. */
const members = (text) =>
  text.match(
    /(?<=(?:^|[{;])\s*(?:(?:readonly|static|get|set|var|function) )*)[A-Za-z_$][\w$]*(?=\??[:(<])/gm,
  );

/**
 * A pattern of the names that are ours alone and may be shortened. Not those that the language, the page,
 * preact or the wire know, nor those that the source has as a string too: these may be keys looked up by
 * what is in the data. Keys that begin with a capital ("ArrowDown", "CRITICAL") come from outside as well.
 */
export async function ownNames() {
  const [own, wire, language, preact] = await Promise.all([
    textOf("src", /\.tsx?$/),
    readFile(at("src/core/wire.ts"), "utf8"),
    textOf("node_modules/@typescript", /^lib\..*\.d\.ts$/),
    textOf("node_modules/preact", /\.d\.ts$/),
  ]);
  const page = bare(language);
  const foreign = new Set([
    ...members(bare(wire)),
    ...members(bare(preact)),
    ...members(page),
    ...strings(page),
    ...strings(own),
  ]);
  if (!foreign.has("addEventListener"))
    throw new Error("TypeScript's own declarations are missing");
  const names = [...new Set(words(own))].filter(
    (name) => /^[a-z]\w\w+$/.test(name) && !foreign.has(name) && !HOST.test(name),
  );
  names.push(...OURS);
  return new RegExp(`^(?:${names.sort().join("|")})$`);
}

/** Custom properties of our styles, and shorter names for them; the host's keep theirs. */
export async function ownProperties() {
  const names = (await textOf("src/styles", /\.css$/)).match(/--(?!jp-|vscode-)\w+/g);
  const times = new Map();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  const order = [...times.keys()].sort((a, b) => times.get(b) - times.get(a) || (a < b ? -1 : 1));
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  if (order.length > letters.length) throw new Error("More custom properties than letters");
  return new Map(order.map((name, i) => [name, `--${letters[i]}`]));
}
