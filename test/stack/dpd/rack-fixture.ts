import { ethernet, type Ethernet, type Layer, payload, tcp, udp } from "../../../src/packet/index.ts";
import { RackSwitch } from "./rack-switch.ts";

/** How the program is run: its tests hold for both. */
export const executions = ["compiled", "interpreted"] as const;

/** The MAC address of a port of the switch. */
export function portMac(port: number): string {
  return `a8:40:25:00:00:${hexadecimal(port)}`;
}

/** The MAC address of who is at the other end of a port's wire. */
export function peerMac(port: number): string {
  return `a8:40:25:01:00:${hexadecimal(port)}`;
}

/** A frame's Ethernet header on its way to the switch. */
export function toSwitch(port: number): Ethernet {
  return ethernet({ dst: portMac(port), src: peerMac(port) });
}

/** A frame's Ethernet header on its way from the switch. */
export function fromSwitch(port: number): Ethernet {
  return ethernet({ dst: peerMac(port), src: portMac(port) });
}

/** A switch whose ports have MAC addresses, and nothing else. */
export function rackSwitch(execution: (typeof executions)[number]): RackSwitch {
  const rack = new RackSwitch(execution);
  for (let port = 1; port <= 40; port++) rack.portMac(port, portMac(port));
  return rack;
}

/** A datagram of some application. */
export function datagram(srcPort = 3333, dstPort = 4444): readonly Layer[] {
  return [udp({ srcPort, dstPort }), payload("hello")];
}

/** A segment of some application. */
export function segment(srcPort = 3333, dstPort = 4444): readonly Layer[] {
  return [tcp({ srcPort, dstPort, flags: ["ACK"] }), payload("hello")];
}

/** Data of a sidecar header: a number at the end of 16 bytes. */
export function sidecarData(...tail: readonly number[]): Uint8Array {
  const data = new Uint8Array(16);
  data.set(tail, 16 - tail.length);
  return data;
}

function hexadecimal(value: number): string {
  return value.toString(16).padStart(2, "0");
}
