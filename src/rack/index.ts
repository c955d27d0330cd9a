export { hostAddress } from "./addressing.ts";
export { deployStack } from "./deploy.ts";
export { type Fabric, fabricOf, type FabricLink, neighboursOf, nodesOf, type Rack, type RackNode } from "./fabric.ts";
export { daemonPorts, optedSocket } from "./daemon-ports.ts";
export { collectStatus } from "./status/collect-status.ts";
export { drawStatus } from "./status/draw-status.ts";
export type { NodeView, PeerView, RackStatus, RackView, RouteView, WireView } from "./status/rack-status.ts";
