import { KestrelError } from "../../src/error/kestrel-error.ts";

/** The explained error that a promise is rejected with; anything else fails the test. */
export async function faultOf(promise: Promise<unknown>): Promise<KestrelError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KestrelError) return error;
  throw new Error(`expected a KestrelError, got ${String(error)}`);
}
