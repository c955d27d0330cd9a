/** What is known of a path when shares are decided. */
export interface PathDelay {
  /** Microseconds; undefined for a path that is not measured. */
  readonly delay: number | undefined;
  /** Nothing comes back on it. */
  readonly silent: boolean;
}

/** The greatest weight in the kernel's groups of next hops; the least is 1. */
export const maxWeight = 255;

/**
 * The weights of paths, 1…{@link maxWeight} each.
 *
 * The prototype's rule for one packet takes path i of n with a probability that goes with 1 − d_i ÷ Σd. As shares of all
 * packets: s_i = (1 − D_i ÷ ΣD) ÷ (n − 1) with D_i = d_i + base, which add up to 1. A path that is not measured counts as one
 * with the mean delay of those that are, which makes its share 1 ÷ n. A silent path has no part in this and weight 1: the route
 * exists, and whoever made it decides when it does not. If all are silent, or one alone is left, nothing is known against any.
 */
export function weightsOf(paths: readonly PathDelay[], baseMicroseconds: number): readonly number[] {
  const heard = paths.filter(({ silent }) => !silent);
  if (heard.length === 0) return paths.map(() => weightOf(1 / paths.length));
  if (heard.length === 1) return paths.map(({ silent }) => (silent ? 1 : maxWeight));
  const measured = heard.flatMap(({ delay }) => delay ?? []);
  const mean = measured.reduce((sum, delay) => sum + delay, 0) / Math.max(1, measured.length);
  const cost = ({ delay }: PathDelay): number => (delay ?? mean) + baseMicroseconds;
  const total = heard.reduce((sum, path) => sum + cost(path), 0);
  if (total === 0) return paths.map(({ silent }) => (silent ? 1 : weightOf(1 / heard.length)));
  return paths.map((path) => (path.silent ? 1 : weightOf((1 - cost(path) / total) / (heard.length - 1))));
}

function weightOf(share: number): number {
  return Math.min(maxWeight, Math.max(1, Math.round(maxWeight * share)));
}

/** The shares that weights stand for. */
export function sharesOf(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Whether any share differs by `least` or more. */
export function differs(one: readonly number[], other: readonly number[], least: number): boolean {
  // Shares are quotients: a change of just `least` must not depend on their last bit.
  return one.some((share, at) => Math.abs(share - (other[at] ?? 0)) >= least - 1e-9);
}
