import { KestrelError } from "../error/kestrel-error.ts";
import type { Plan } from "../topology/index.ts";

/** The error for a name that no node of the testbed has. */
export function noSuchNode(name: string, plan: Plan, testbed: string): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "find the node",
    subject: name,
    expected: `one of ${plan.nodes.map((node) => node.name).join(", ")}`,
    found: `no such node in testbed ${testbed}`,
  });
}
