export { defaultRingBytes, Panel, type PanelOptions } from "./panel.ts";
export { type FollowedRecords, PanelClient, type PanelControl, type RunningCapture } from "./panel-client.ts";
export { portName, portSocketPath } from "./port-socket-path.ts";
export * from "./protocol.ts";
