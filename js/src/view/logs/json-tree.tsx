import { plural } from "../../format/number";
import { literal } from "../../query/terms";
import { useCard } from "../context";
import { Tool } from "../controls/tool";

const MAX_FIELDS = 400;

interface Field {
  key: string | null;
  depth: number;
  /** The text of the value; for a list or an object, a bracket. */
  words: string;
  /** The value as JSON; null for a list or an object. */
  value: string | null;
}

/** The lines of a value as JSON, one per field. */
function* fieldsOf(value: unknown, key: string | null, depth: number): Generator<Field> {
  if (typeof value !== "object" || value === null) {
    const text = JSON.stringify(value);
    yield { key, depth, words: text, value: text };
    return;
  }
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [open, close] = isList ? "[]" : "{}";
  if (entries.length === 0) {
    yield { key, depth, words: `${open}${close}`, value: null };
    return;
  }
  yield { key, depth, words: open as string, value: null };
  for (const [name, inner] of entries) yield* fieldsOf(inner, isList ? null : name, depth + 1);
  yield { key: null, depth, words: close as string, value: null };
}

/** The filter term that finds a field with its value, whatever the spacing of the JSON. */
export function fieldTerm(key: string | null, value: string): string {
  const name = key === null ? "" : `${escaped(JSON.stringify(key))}\\s*:\\s*`;
  const isNumber = /^-?\d/.test(value);
  return `/${name}${escaped(value)}${isNumber ? "\\s*(?:[,}\\]]|$)" : ""}/`;
}

const escaped = (text: string) => literal(text).replaceAll("/", "\\/");

/** A message that is JSON, with a way to filter for each of its fields. */
export function JsonTree({ value, text }: { value: object; text: string }) {
  const { logs } = useCard();
  const fields: Field[] = [];
  for (const field of fieldsOf(value, null, 0)) {
    if (fields.length === MAX_FIELDS) break;
    fields.push(field);
  }
  const isCut = fields.length === MAX_FIELDS;
  return (
    <div class="whole-message json" tabIndex={0} role="group" aria-label="Fields of this message">
      {fields.map(({ key, depth, words, value: own }, i) => (
        <div key={i} class="json-field" style={{ "--depth": depth }}>
          <span>
            {key !== null && <span class="json-key">{JSON.stringify(key)}: </span>}
            {words}
          </span>
          {own !== null && own.length <= 300 && (
            <span class="json-actions">
              <Tool
                icon="filter"
                name="Filter for this value"
                onPress={() => logs.addTerm(fieldTerm(key, own))}
              />
              <Tool
                icon="without"
                name="Filter out this value"
                onPress={() => logs.addTerm(`-${fieldTerm(key, own)}`)}
              />
            </span>
          )}
        </div>
      ))}
      {isCut && <p class="dim">{plural(text.length, "character")} in all; Copy takes every one.</p>}
    </div>
  );
}
