import { type DirectoryIntent, directoryIntent, nameServersOf } from "./directory-states.ts";
import { externalView } from "./external.ts";
import { vpcViews } from "./network-view.ts";
import { type SledIntent, sledIntents } from "./sled-states.ts";
import type { Snapshot } from "./snapshot.ts";
import { type SwitchIntent, switchIntents } from "./switch-states.ts";

/** Whom a desired state is for: `sled:ID`, `switch:ID`, or a name server, `dns:NAME`. */
export type Target = `sled:${string}` | `switch:${string}` | `dns:${string}`;

/** A desired state before it has a generation. */
type Intent = SledIntent | SwitchIntent | DirectoryIntent;

/** What each sled, switch and name server shall be, by target. */
export type DesiredStates = ReadonlyMap<Target, Intent>;

/** What follows from the tables for each target. Same tables, same states. */
export function desiredStates(snapshot: Snapshot): DesiredStates {
  const views = vpcViews(snapshot);
  const external = externalView(snapshot);
  const states = new Map<Target, Intent>();
  for (const [id, intent] of sledIntents(snapshot, views, external)) states.set(`sled:${id}`, intent);
  for (const [id, intent] of switchIntents(snapshot, views, external)) states.set(`switch:${id}`, intent);
  const nameServers = nameServersOf(snapshot);
  if (nameServers.length > 0) {
    const directory = directoryIntent(snapshot, views);
    for (const { name } of nameServers) states.set(`dns:${name}`, directory);
  }
  return states;
}
