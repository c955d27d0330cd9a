/**
 * Do all of these in turn, whatever comes of each; the results, in order.
 *
 * @throws the error when there was one; an AggregateError, of which a test's report shows each, when there were several
 */
export async function despiteErrors<Results extends readonly unknown[]>(
  ...works: { readonly [Index in keyof Results]: () => Promise<Results[Index]> }
): Promise<Results> {
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const work of works) {
    try {
      results.push(await work());
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw asOne(errors);
  return results as unknown as Results;
}

/** One error for several: itself where it is alone, and each only once. */
export function asOne(errors: readonly unknown[]): unknown {
  const flat = errors.flatMap((error) => (error instanceof AggregateError ? (error.errors as unknown[]) : [error]));
  const texts = flat.map((error) => (error instanceof Error ? error.message : String(error)));
  const different = flat.filter((_error, index) => texts.indexOf(texts[index] ?? "") === index);
  return different.length === 1 ? different[0] : new AggregateError(different, [...new Set(texts)].join("; "));
}
