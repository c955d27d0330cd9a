import { readFileSync } from "node:fs";
import type { Action } from "../../src/tui/model/action.ts";
import { tuiBegins } from "../../src/tui/model/begin.ts";
import type { Effect } from "../../src/tui/model/effect.ts";
import type { TuiState } from "../../src/tui/model/state.ts";
import { update } from "../../src/tui/model/update.ts";

/** The testbeds that were recorded (see fixtures/record.ts). */
export const recordings = ["routed", "two-hosts", "segment", "blueprint"] as const;
/** One of {@link recordings}. */
export type Recording = (typeof recordings)[number];

/** What a live testbed told. */
export function actionsOf(recording: Recording): readonly Action[] {
  const text = readFileSync(new URL(`fixtures/${recording}.ndjson`, import.meta.url), "utf8");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Action]));
}

/** The state that a user interface comes to by what happens, and everything that it wanted done. */
export function after(
  state: TuiState,
  ...actions: readonly Action[]
): { readonly state: TuiState; readonly effects: readonly Effect[] } {
  let now = state;
  const effects: Effect[] = [];
  for (const action of actions) {
    const next = update(now, action);
    now = next.state;
    effects.push(...next.effects);
  }
  return { state: now, effects };
}

/** The state after a recording, up to the first action that is not wanted any more (by default, the end of the testbed). */
export function replayed(
  recording: Recording,
  size: { readonly columns: number; readonly rows: number },
  until: (action: Action) => boolean = ({ type }) => type === "detached",
): TuiState {
  const actions = actionsOf(recording);
  const end = actions.findIndex(until);
  const wanted = actions.slice(0, end < 0 ? actions.length : end);
  return after(tuiBegins(size, recordedAt(actions)), ...wanted.flatMap(withClock)).state;
}

/** A key, by its name or by what it types. */
export function key(name: string): Action {
  const raw = { enter: "\r", escape: "\u001b", "ctrl+]": "\u001d" }[name] ?? name;
  return { type: "key", key: { name, text: name.length === 1 ? name : name === "space" ? " " : "", raw } };
}

/** What is typed, a key a character. */
export function typed(text: string): readonly Action[] {
  return Array.from(text, (character) => key(character === " " ? "space" : character));
}

/** Counters have the time at which they were read: the clock goes with them. */
function withClock(action: Action): readonly Action[] {
  if (action.type !== "statistics") return [action];
  return [{ type: "tick", now: Number(BigInt(action.statistics.timestamp) / 1_000_000n) }, action];
}

/** Wall clock of the first event, so that a replay is the same at any time. */
function recordedAt(actions: readonly Action[]): number {
  for (const action of actions) if (action.type === "launch-events") return action.events[0]?.time ?? 0;
  return 0;
}
