import { prepare as prepareSwitch } from "../../p4/switch/main.ts";
import { rehearseRack } from "./switch-rehearsal.ts";

/** p4switch as the switch of a rack runs it. */
export { main } from "../../p4/switch/main.ts";

/** For a machine that is frozen afterwards: load the program, and have it rehearse what it will do. */
export function prepare(argv: readonly string[]): Promise<void> {
  return prepareSwitch(argv, rehearseRack);
}
