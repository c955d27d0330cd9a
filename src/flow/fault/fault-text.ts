import { cleanDirection, describeImpairments } from "../../topology/index.ts";
import type { Daemon, Fault, OneWay } from "./fault.ts";

/** A fault as a person says it: `h1:net0--r1:net0 is cut (aToB)`. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "down":
      return `${fault.wire} is down`;
    case "cut":
      return `${fault.wire} is cut${way(fault)}`;
    case "impaired":
      return `${fault.wire} is impaired${way(fault)}: ${describeImpairments({ ...cleanDirection, ...fault.settings })}`;
    case "paused":
      return `${fault.node} is paused`;
    case "killed":
      return `${fault.node} is killed`;
    case "power-cycled":
      return `${fault.node} is power-cycled`;
    case "daemon-killed":
      return `${describeDaemon(fault.daemon)} of ${fault.node} is killed`;
    case "daemon-stopped":
      return `${describeDaemon(fault.daemon)} of ${fault.node} is stopped`;
    case "daemon-frozen":
      return `${describeDaemon(fault.daemon)} of ${fault.node} is frozen`;
    case "clock-step":
      return `the clock of ${fault.node} steps by ${fault.milliseconds} ms`;
  }
}

/** `service dhcpd`, `process bgpd`, `the process of /run/bgpd.pid`. */
export function describeDaemon(daemon: Daemon): string {
  if ("service" in daemon) return `service ${daemon.service}`;
  return "process" in daemon ? `process ${daemon.process}` : `the process of ${daemon.pidFile}`;
}

function way({ direction }: OneWay): string {
  return direction === undefined ? "" : ` (${direction})`;
}
