import type { MachineEntry, MachineList } from "../../stack/sled-agent/machine-interface.ts";

/** What the provider sees. */
export interface MachinesView {
  /** What each sled has said last; undefined for one that has not been heard yet. */
  readonly sleds: ReadonlyMap<string, MachineList | undefined>;
  /** Every machine, and whether it answers. */
  readonly machines: ReadonlyMap<string, { readonly isReady: boolean }>;
  /** Machines and instances that something is being done about. */
  readonly busy: ReadonlySet<string>;
}

/** Something to be done about one instance and its machine. */
export type MachineAction =
  /** Make a machine the instance's, and offer it to the sled. */
  | { readonly kind: "prepare"; readonly sled: string; readonly entry: MachineEntry; readonly machine: string }
  /** There is no machine left. */
  | { readonly kind: "refuse"; readonly sled: string; readonly entry: MachineEntry }
  /** Plug the machine into the sled. */
  | { readonly kind: "plug"; readonly sled: string; readonly entry: MachineEntry; readonly machine: string }
  /** Take the machine, and the connections of its instance, from one sled to another that wants it. */
  | {
      readonly kind: "carry";
      readonly from: string;
      readonly to: string;
      readonly entry: MachineEntry;
      readonly machine: string;
    }
  /** Make the machine one that nobody has used. */
  | { readonly kind: "recycle"; readonly sled: string; readonly entry: MachineEntry; readonly machine: string };

/**
 * What is to be done now. Nothing is, before every sled has been heard: a machine that none of them has is free.
 */
export function machineActions({ sleds, machines, busy }: MachinesView): readonly MachineAction[] {
  const lists = [...sleds];
  if (lists.some(([, list]) => list === undefined)) return [];
  const entries = lists.flatMap(([sled, list]) => (list?.machines ?? []).map((entry) => ({ sled, entry })));
  const taken = new Set(entries.flatMap(({ entry: { machine } }) => (machine === null ? [] : [machine])));
  const idle = [...machines].filter(([name]) => !taken.has(name) && !busy.has(name));
  const free = idle.filter(([, { isReady }]) => isReady).map(([name]) => name);
  /** One of these may be free in a moment. */
  const mayCome = entries.some(({ entry: { phase } }) => phase === "stopped") || idle.length > free.length;
  const actions: MachineAction[] = [];
  for (const { sled, entry } of entries) {
    const { key, phase, machine } = entry;
    if (busy.has(key)) continue;
    if (phase === "stopped" && machine !== null) actions.push({ kind: "recycle", sled, entry, machine });
    if (phase === "here" && machine !== null && entry.has_port && !entry.is_plugged) {
      actions.push({ kind: "plug", sled, entry, machine });
    }
    if (phase !== "wanted") continue;
    const elsewhere = entries.find(({ entry: other }) => other.key === key && other.machine !== null);
    if (elsewhere !== undefined) {
      const { sled: from, entry: left } = elsewhere;
      if (left.phase !== "left" || left.machine === null) continue;
      actions.push({ kind: "carry", from, to: sled, entry: left, machine: left.machine });
      continue;
    }
    const chosen = free.shift();
    if (chosen !== undefined) actions.push({ kind: "prepare", sled, entry, machine: chosen });
    else if (!mayCome && ![...machines.keys()].some((name) => busy.has(name))) {
      actions.push({ kind: "refuse", sled, entry });
    }
  }
  return actions;
}
