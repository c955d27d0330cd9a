import { explanationOf } from "../../error/kestrel-error.ts";
import type { HostCheck } from "../../flow/run/run-record.ts";
import type { Action } from "../model/action.ts";
import type { DirectionSettings } from "../model/public-api.ts";

/** What the command line lends to the user interface: words that mean the same in both. */
export interface TuiServices {
  readonly version: string;
  /** What `delay=10ms loss=1%` changes. Throws KestrelError (input). */
  readonly parseWireSettings: (words: readonly string[]) => Partial<DirectionSettings>;
  /** What `kestrel doctor` says of this host. */
  readonly hostChecks: () => Promise<readonly HostCheck[]>;
  /** Directory of the topologies that come with Kestrel. */
  readonly ownTopologies: string;
}

/** How what is done in the world comes back. */
export interface Outcomes {
  readonly dispatch: (action: Action) => void;
  readonly services: TuiServices;
}

/** An error as one sentence for the footer: what was expected and found, without the steps around it. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What was found instead of what was expected, without who was asked for what. */
export function foundText(error: unknown): string {
  return explanationOf(error)?.found ?? errorText(error);
}

/** Do something that takes time: it is shown while it goes on, and a failure is said. Says whether it was done. */
export async function work({ dispatch }: Outcomes, what: string, doIt: () => Promise<unknown>): Promise<boolean> {
  dispatch({ type: "work", what, done: false });
  try {
    await doIt();
    return true;
  } catch (error) {
    dispatch({ type: "notice", kind: "problem", text: errorText(error) });
    return false;
  } finally {
    dispatch({ type: "work", what, done: true });
  }
}
