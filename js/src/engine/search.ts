/** Binary search in ascending lists. */

/** The number of values below a bound. */
export function below(values: ArrayLike<number>, bound: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the value nearest to a number; of two, the lower one. The list must not be empty. */
export function nearest(values: ArrayLike<number>, wanted: number): number {
  const after = below(values, wanted);
  if (after === values.length) return after - 1;
  const [low, high] = [values[after - 1] ?? -Infinity, values[after] as number];
  return after && wanted - low <= high - wanted ? after - 1 : after;
}
