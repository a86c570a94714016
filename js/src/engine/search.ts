/** Binary search in ascending lists. */

/** How many of the values are below a bound. */
export function below(values: ArrayLike<number>, bound: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the value that is nearest to a number, the lower of two. The list has to have one. */
export function nearest(values: ArrayLike<number>, wanted: number): number {
  const after = below(values, wanted);
  if (after === values.length) return after - 1;
  const [low, high] = [values[after - 1] ?? -Infinity, values[after] as number];
  return after && wanted - low <= high - wanted ? after - 1 : after;
}
