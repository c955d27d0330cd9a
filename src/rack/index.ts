export { hostAddress } from "./addressing.ts";
export { deployStack } from "./deploy.ts";
export { type Fabric, fabricOf, type FabricLink, neighboursOf, nodesOf, type Rack, type RackNode } from "./fabric.ts";
export { daemonPorts, optedSocket } from "./daemon-ports.ts";
export { instanceCommand } from "./control/instance-command.ts";
export {
  findInstance,
  type InstanceView,
  listInstances,
  projectNames,
  settledInstance,
  sledIdOf,
} from "./control/instances.ts";
export { machineOfInstance } from "./machines/machine-of-instance.ts";
export { NexusClient, type Query } from "./control/nexus-client.ts";
export { deleteProject, deleteVpc, listVpcs, type VpcView } from "./control/vpcs.ts";
export { type PeersAnswer, peerView } from "./status/read-routing.ts";
export { collectStatus } from "./status/collect-status.ts";
export { drawStatus } from "./status/draw-status.ts";
export type { NodeView, PeerView, RackStatus, RackView, RouteView, WireView } from "./status/rack-status.ts";
