export * from "./direction-settings.ts";
export * from "./plan.ts";
export { topology, BlueprintBuilder, TopologyBuilder, type InstanceHandle, type NodeHandle } from "./builder.ts";
export { renderNetworkConfig, type ManagementPort } from "./cloud-init.ts";
export { deriveMac, deriveSeed } from "./derivation.ts";
export { graphDot, graphMermaid, graphSvg } from "./graph.ts";
export { describeImpairments, impairmentWords, resolveDeclared } from "./impairments.ts";
export { topologyJsonSchema, type JsonSchema } from "./json-schema.ts";
export {
  type KindStack,
  nicClasses,
  nodeKindNames,
  nodeKinds,
  type NodeKind,
  type NodeKindName,
  stackOfKind,
} from "./kinds.ts";
export { parseTopology, planTopology, readTopology, type PlanOptions } from "./plan-topology.ts";
export { topologyReference } from "./reference.ts";
export { renderPlan } from "./render-plan.ts";
export {
  topologySchema,
  type BlueprintDeclaration,
  type ImpairmentsDeclaration,
  type InstanceDeclaration,
  type NodeDeclaration,
  type PortDeclaration,
  type SegmentDeclaration,
  type TopologyDeclaration,
  type WireDeclaration,
} from "./schema.ts";
export { impairmentsSchema } from "./schema-wire.ts";
