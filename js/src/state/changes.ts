/** Notifies of changes to the fields of a state. */

/** What changed; a listener for some of the fields may be told of others. */
interface Changed<F> extends Iterable<PropertyKey> {
  has(name: keyof F): boolean;
}

type Listener<F> = (changed: Changed<F>) => void;

export class Changes<F extends object> {
  readonly #listeners = new Set<Listener<F>>();
  #changed = new Set<keyof F>();

  constructor(private readonly fields: F) {}

  /** Calls `listener` once per event-loop turn with changes, until the returned function is called. */
  subscribe = (listener: Listener<F>): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change = (patch: Partial<F>): void => {
    const wasQuiet = this.#changed.size === 0;
    for (const name of Object.keys(patch) as (keyof F)[])
      if (!Object.is(this.fields[name], patch[name])) this.#changed.add(name);
    Object.assign(this.fields, patch);
    if (wasQuiet && this.#changed.size > 0) queueMicrotask(() => this.#tell());
  };

  #tell(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const listener of [...this.#listeners]) listener(changed);
  }
}

/** A state with notifications. */
export interface Observed<F extends object> {
  subscribe(listener: Listener<F>): () => void;
  change(patch: Partial<F>): void;
}
