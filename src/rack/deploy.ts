import { nodeCommand } from "../guest/index.ts";
import {
  type FilePlan,
  type KindStack,
  type NodePlan,
  type Plan,
  type ReadyCondition,
  type ServicePlan,
  stackOfKind,
} from "../topology/index.ts";
import { checkFabric } from "./check-fabric.ts";
import { configurationFile } from "./configuration/configuration-file.ts";
import { daemonsOf, daemonSetup } from "./configuration/daemon-setup.ts";
import { runsNexus } from "./configuration/nexusd-configuration.ts";
import { simpleSwitchCheck, simpleSwitchCommand } from "./configuration/p4switch-arguments.ts";
import { signingKeys } from "./configuration/signing-keys.ts";
import { deviceCommands, nodeSysctls } from "./devices.ts";
import { type Fabric, fabricOf, hasUplinks, nodesOf, type RackNode } from "./fabric.ts";
import { frrFiles, frrServices } from "./frr.ts";
import { withMachines } from "./machines/pool.ts";
import { boundaryFacts, convergenceFacts, daemonFacts, instanceFacts } from "./readiness.ts";

/**
 * Add to a plan what makes racks of its sleds and switches: the devices, configuration and daemons of each, and the facts
 * without which it is not ready; in the end every sled knows a way to every other. What the topology itself declares comes
 * on top. Pure; a plan without racks, or one that has been through this, is given back as it is.
 *
 * @throws KestrelError (input) when the racks are not cabled as racks
 */
export function deployStack(plan: Plan): Plan {
  const fabric = fabricOf(plan);
  const owners = new Map(nodesOf(fabric).map((owner) => [owner.node.name, owner]));
  if (owners.size === 0 || plan.nodes.some(({ services }) => services.length > 0)) return plan;
  checkFabric(plan, fabric);
  const nodes = plan.nodes.map((node) => {
    const owner = owners.get(node.name);
    const stack = stackOfKind(node.kind);
    return owner === undefined || stack === null ? node : deployNode(plan, fabric, owner, stack);
  });
  return withMachines({ ...plan, nodes }, fabric);
}

function deployNode(plan: Plan, fabric: Fabric, owner: RackNode, kind: KindStack): NodePlan {
  const { node } = owner;
  const daemons = daemonsOf(fabric, owner, kind.daemons);
  const setups = daemons.map((name) => ({ name, ...daemonSetup(name, { plan, fabric, owner }) }));
  const files = setups.flatMap(({ name, configuration }): FilePlan[] =>
    configuration === undefined ? [] : [configurationFile(name, configuration)],
  );
  const isForeign = plan.stack.engine === "bmv2" && owner.role === "switch";
  const services = setups.map(({ name, argv }): ServicePlan =>
    isForeign && name === "p4switch"
      ? { name, command: simpleSwitchCommand(owner), parked: false, after: [] }
      : { name, command: [...nodeCommand(name), "run", name, ...argv], parked: true, after: [] },
  );
  const routes = hasUplinks(fabric, owner);
  const converged = convergenceFacts(fabric, owner);
  return {
    ...node,
    sysctls: { ...nodeSysctls(owner), ...node.sysctls },
    files: [
      ...[...files, ...(routes ? frrFiles : []), ...signingKeys(plan, owner)].filter(({ path }) =>
        node.files.every((other) => other.path !== path),
      ),
      ...node.files,
    ],
    commands: [
      ...(isForeign ? [simpleSwitchCheck] : []),
      ...deviceCommands(plan.name, fabric, owner),
      ...node.commands,
    ],
    services: networkFirst([...services, ...(routes ? frrServices : [])], converged),
    ready: [
      ...daemonFacts(owner, daemons.filter(isUnderlay)),
      ...converged,
      ...daemonFacts(
        owner,
        daemons.filter((name) => !isUnderlay(name)),
      ),
      ...boundaryFacts(plan, owner),
      ...(runsNexus(owner) ? instanceFacts(plan) : []),
      ...node.ready,
    ],
  };
}

/** Milliseconds that the daemons above the underlay wait for it; a neighbour that is away must not keep them from work. */
const underlayPatienceMs = 45_000;

function isUnderlay(service: string): boolean {
  return ["p4switch", "dpd", "tfportd", "ddmd"].includes(service);
}

/**
 * What makes the network goes first, as kinds have it, and the rest begins when it is there: on a host with few processors all daemons
 * of all nodes wake at the same time, and the slowest of them would decide when the first packet passes.
 */
function networkFirst(services: readonly ServicePlan[], converged: readonly ReadyCondition[]): readonly ServicePlan[] {
  const after = converged.map((condition) => ({ ...condition, timeoutMs: underlayPatienceMs }));
  const first = services.findIndex(({ name }) => !isUnderlay(name));
  return services.map((service, index) => (index === first ? { ...service, after } : service));
}
