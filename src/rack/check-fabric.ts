import { KestrelError } from "../error/kestrel-error.ts";
import type { Plan } from "../topology/index.ts";
import { mostRacks, mostSleds, mostSwitches } from "./addressing.ts";
import { type Fabric, nodesOf } from "./fabric.ts";

/** Ports of a switch as dpd knows them. */
const switchPort = /^(rear|qsfp)(0|[1-9]|[12]\d|3[01])$/;

/**
 * Check that the racks of a plan can be built.
 *
 * @throws KestrelError (input) naming everything that cannot
 */
export function checkFabric(plan: Plan, fabric: Fabric): void {
  const faults = [
    ...(fabric.racks.length > mostRacks ? [`${fabric.racks.length} racks, of at most ${mostRacks}`] : []),
    ...fabric.racks.flatMap(({ name, sleds, switches }) => [
      ...(sleds.length > mostSleds ? [`${sleds.length} sleds in ${name}, of at most ${mostSleds}`] : []),
      ...(switches.length > mostSwitches ? [`${switches.length} switches in ${name}, of at most ${mostSwitches}`] : []),
    ]),
    ...nodesOf(fabric).flatMap(({ node, role }) =>
      role === "sled"
        ? []
        : node.ports
            .filter(({ name }) => !switchPort.test(name))
            .map(({ name }) => `port ${name} of ${node.name}: a switch has rear0 to rear31 and qsfp0 to qsfp31`),
    ),
    ...fabric.links.flatMap(({ wire, ends: [a, b] }) =>
      a.owner.role === "sled" && b.owner.role === "sled" ? [`wire ${wire} between two sleds`] : [],
    ),
    ...nodesOf(fabric).flatMap(({ node, role }) =>
      node.ports
        .filter(({ addresses }) => addresses.length > 0)
        .map(({ name }) => `addresses at ${node.name}:${name}: the ports of a ${role} have link-local ones only`),
    ),
  ];
  if (faults.length === 0) return;
  throw new KestrelError({
    kind: "input",
    step: "set up the racks",
    subject: plan.name,
    expected: "sleds and switches that are cabled as racks",
    found: faults.join("; "),
    hint: "see docs/rack.md",
  });
}
