import type { Action } from "../format/program.ts";
import { ControlError } from "./control-error.ts";
import { bytesToNumber, type KeyValue, wordCount, writeWords } from "./key.ts";

/** An action with the values of its parameters. */
export interface BoundAction {
  readonly action: Action;
  /** As the control plane gave them, of any size. */
  readonly data: readonly bigint[];
  /** Cut to the parameters' widths, each in whole words, most significant first. */
  readonly words: Uint32Array;
}

/** Bind values to an action's parameters. Throws BAD_ACTION_DATA. */
export function bindAction(action: Action, values: readonly KeyValue[]): BoundAction {
  if (values.length !== action.parameters.length) {
    throw new ControlError(
      "table",
      "BAD_ACTION_DATA",
      `${action.name}: expected ${action.parameters.length} values, found ${values.length}`,
    );
  }
  const data = values.map((value) => (typeof value === "bigint" ? value : bytesToNumber(value)));
  const offsets = parameterOffsets(action);
  const words = new Uint32Array(offsets.at(-1) ?? 0);
  for (const [at, { width }] of action.parameters.entries()) {
    writeWords(BigInt.asUintN(width, data[at] ?? 0n), words, offsets[at] ?? 0, wordCount(width));
  }
  return { action, data, words };
}

/** First word of each parameter, and at the end the number of words. */
export function parameterOffsets({ parameters }: Action): readonly number[] {
  const offsets = [0];
  for (const { width } of parameters) offsets.push((offsets.at(-1) ?? 0) + wordCount(width));
  return offsets;
}

/** Words of a record that holds the index of any of the actions, and its parameters. */
export function recordWords(actions: readonly Action[]): number {
  return 1 + Math.max(0, ...actions.map((action) => parameterOffsets(action).at(-1) ?? 0));
}
