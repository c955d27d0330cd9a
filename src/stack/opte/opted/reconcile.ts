import { OpteError } from "../engine/port/opte-error.ts";
import { reconcileMappings } from "./reconcile-mappings.ts";
import { reconcilePort } from "./reconcile-port.ts";
import type { Sled } from "./sled.ts";
import type { SledState } from "./sled-state.ts";
import { stateOf } from "./state-of.ts";

/**
 * Make a sled be as wanted by the fewest changes: what is as wanted is not touched, so flows go on. Says each change. A port
 * whose addresses, MAC or attachment are others is made anew.
 *
 * @throws OpteError at the first thing that cannot be; what came before it is done
 */
export async function reconcile(sled: Sled, wanted: SledState, start = true): Promise<readonly string[]> {
  const changes: string[] = [];
  const did = (change: string): void => void changes.push(change);
  const before = stateOf(sled);
  if (wanted.underlay !== null && JSON.stringify(before.underlay) !== JSON.stringify(wanted.underlay)) {
    if (before.underlay !== null) {
      const found = before.underlay.join(" and ");
      throw new OpteError("UnderlayExists", "set underlay", wanted.underlay.join(" and "), undefined, found);
    }
    await sled.setUnderlay(wanted.underlay);
    did(`underlay ${wanted.underlay.join(" ")}`);
  }
  const kept = new Map(wanted.ports.map((port) => [port.name, port]));
  for (const { name } of before.ports) {
    if (kept.has(name)) continue;
    await sled.deletePort(name);
    did(`port ${name} deleted`);
  }
  for (const port of wanted.ports) await reconcilePort(sled, port, start, did);
  reconcileMappings(sled, wanted, did);
  return changes;
}
