import type { ControlSubject } from "../state/control-error.ts";
import { type Codec, i32, struct, type Values } from "./codec.ts";

type ArgumentFields = Readonly<Record<string, readonly [number, unknown]>>;

/** The signature of a method: what clients send and get back. */
export interface Signature<A, R> {
  readonly arguments: Codec<A>;
  /** Undefined for void. */
  readonly result: Codec<R> | undefined;
  /** What a declared exception speaks of; undefined where none is declared. */
  readonly throws: ControlSubject | undefined;
}

/** A method that a service offers. */
export interface Method {
  readonly throws: ControlSubject | undefined;
  readonly arguments: Codec<unknown>;
  readonly result: Codec<unknown> | undefined;
  /** May give a promise. */
  handle(argumentValues: unknown): unknown;
}

/** A signature. */
export function signature<const F extends ArgumentFields, R = undefined>(
  fields: F,
  throws: ControlSubject | undefined,
  result?: Codec<R>,
): Signature<Values<F>, R> {
  return { arguments: struct(fields), result, throws };
}

/** A method by its signature and what it does. */
export function method<A, R>(
  { arguments: codec, result, throws }: Signature<A, R>,
  handle: (values: A) => R | undefined | Promise<R | undefined>,
): Method {
  return {
    throws,
    arguments: codec as Codec<unknown>,
    result: result as Codec<unknown> | undefined,
    handle: (values) => handle(values as A),
  };
}

/** First arguments that many methods share. */
export const context = { cxt: [1, i32] } as const;
