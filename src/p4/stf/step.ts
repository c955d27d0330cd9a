import type { SwitchControl } from "../switch/control/switch-control.ts";
import type { TestSwitch } from "./test-switch.ts";

/** What a statement does once everything in it is known to exist. */
export type Step = (bench: TestSwitch) => void;

/** A step that only the control plane has to do with. */
export function onControl(work: (control: SwitchControl) => unknown): Step {
  return ({ control }) => void work(control);
}
