import type { SledState } from "../../nexus/sled-interface/sled-state.ts";
import type { Flows, MachineEntry, MachineOffer } from "../machine-interface.ts";
import { guestKey, ownerOfKey } from "./light-guest.ts";

/** The instances of a sled that are machines, by key. */
export type Machines = ReadonlyMap<string, MachineEntry>;

/** Have opted pause the port of a network interface and tell its connections. */
export interface SaveFlows {
  readonly kind: "save-flows";
  readonly key: string;
  readonly nic: string;
}

/** What is to be done about machines. */
export interface MachinesStep {
  readonly machines: Machines;
  readonly outputs: readonly SaveFlows[];
}

/**
 * Compare the machines of a sled with what nexus wants. One that is not wanted any more has stopped where nexus still knows its
 * instance here, stopped or in another incarnation; else it goes on elsewhere, and takes its connections along.
 */
export function stepMachines(before: Machines, desired: SledState): MachinesStep {
  const machines = new Map(before);
  let isChanged = false;
  const set = (key: string, entry: MachineEntry): void => {
    machines.set(key, entry);
    isChanged = true;
  };
  const outputs: SaveFlows[] = [];
  const wanted = new Map(
    desired.instances.flatMap((instance) =>
      instance.kind === "vm" && instance.run === "running"
        ? [[guestKey(instance.id, instance.incarnation), instance] as const]
        : [],
    ),
  );
  for (const [key, { id, hostname }] of wanted) {
    const present = machines.get(key);
    // It came back before anybody took it.
    if (present?.phase === "left") set(key, { ...present, phase: "here", has_port: false, is_plugged: false });
    if (present === undefined) set(key, newEntry(key, hostname, nicsOf(desired, id)));
  }
  for (const [key, entry] of machines) {
    if (wanted.has(key)) continue;
    if (entry.phase === "wanted" || entry.phase === "failed") isChanged = machines.delete(key);
    if (entry.phase !== "here") continue;
    const id = ownerOfKey(key);
    const isLeaving = desired.instances.every((instance) => instance.id !== id);
    set(key, { ...entry, phase: isLeaving ? "leaving" : "stopped", has_port: false });
    if (isLeaving) outputs.push({ kind: "save-flows", key, nic: entry.nic });
  }
  return { machines: isChanged ? machines : before, outputs };
}

type Nic = SledState["ports"][number];

function nicsOf({ ports }: SledState, id: string): readonly Nic[] {
  return ports.filter(({ owner }) => owner.id === id);
}

function newEntry(key: string, hostname: string, nics: readonly Nic[]): MachineEntry {
  const [nic, ...others] = nics;
  const fault =
    nic === undefined || others.length > 0 ? `a machine has one network interface, not ${String(nics.length)}` : null;
  return {
    ...{
      key,
      hostname,
      nic: nic?.id ?? "",
      mac: nic?.guest_mac ?? "",
      fault,
      phase: fault === null ? "wanted" : "failed",
    },
    ...{ machine: null, link: null, has_port: false, is_plugged: false, flows: null },
  };
}

/** The provider has a machine for an instance, or has plugged it in, or has none. */
export function takeOffer(machines: Machines, key: string, offer: MachineOffer): Machines {
  const entry = machines.get(key);
  if (entry === undefined) return machines;
  const taken = new Map(machines);
  if ("fault" in offer) {
    if (entry.phase === "wanted") taken.set(key, { ...entry, phase: "failed", fault: offer.fault });
    return taken;
  }
  const { machine, link, is_plugged, flows } = offer;
  if (entry.phase === "wanted") taken.set(key, { ...entry, phase: "here", machine, link, is_plugged, flows });
  if (entry.phase === "here") taken.set(key, { ...entry, machine, link, is_plugged });
  return taken;
}

/** opted has told the connections of one that leaves. */
export function takeFlows(machines: Machines, key: string, flows: Flows): Machines {
  const entry = machines.get(key);
  return entry?.phase === "leaving" ? new Map(machines).set(key, { ...entry, phase: "left", flows }) : machines;
}

/** The provider has taken a machine back, or to another sled. */
export function releaseMachine(machines: Machines, key: string): Machines {
  const phase = machines.get(key)?.phase;
  if (phase !== "left" && phase !== "stopped") return machines;
  const rest = new Map(machines);
  rest.delete(key);
  return rest;
}

/** opted has the ports of all machines that are here, with the connections that they came with. */
export function portsOfMachines(machines: Machines): Machines {
  const isNew = [...machines.values()].some(({ phase, has_port }) => phase === "here" && !has_port);
  if (!isNew) return machines;
  const withPorts = Array.from(machines, ([key, entry]) =>
    entry.phase === "here" ? ([key, { ...entry, has_port: true, flows: null }] as const) : ([key, entry] as const),
  );
  return new Map(withPorts);
}
