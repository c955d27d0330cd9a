import { externalView } from "./external.ts";
import { vpcViews } from "./network-view.ts";
import { type SledIntent, sledIntents } from "./sled-states.ts";
import type { Snapshot } from "./snapshot.ts";
import { type SwitchIntent, switchIntents } from "./switch-states.ts";

/** Whom a desired state is for: `sled:ID` or `switch:ID`. */
export type Target = `sled:${string}` | `switch:${string}`;

/** What each sled and switch shall be, by target. */
export type DesiredStates = ReadonlyMap<Target, SledIntent | SwitchIntent>;

/** What follows from the tables for each sled and switch. Same tables, same states. */
export function desiredStates(snapshot: Snapshot): DesiredStates {
  const views = vpcViews(snapshot);
  const external = externalView(snapshot);
  const states = new Map<Target, SledIntent | SwitchIntent>();
  for (const [id, intent] of sledIntents(snapshot, views, external)) states.set(`sled:${id}`, intent);
  for (const [id, intent] of switchIntents(snapshot, views, external)) states.set(`switch:${id}`, intent);
  return states;
}
