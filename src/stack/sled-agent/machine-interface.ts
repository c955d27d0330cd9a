import { z } from "@hono/zod-openapi";
import { portSnapshot } from "../opte/opted/sled-state.ts";

/*
 * What the agent of a sled and the provider of machines say to each other about instances of kind `vm`. The provider is on the host: it
 * has machines, and plugs them into spare ports of sleds.
 */

const text = z.string();

/** Connections of a port as opted saves and restores them; nobody between reads them. */
export type Flows = z.output<typeof portSnapshot>;

export const machinePhases = ["wanted", "here", "leaving", "left", "stopped", "failed"] as const;

/**
 * An instance that is a machine, as its sled sees it. `wanted`: a machine is to be offered. `here`: it has one. `leaving`: it shall
 * go on at another sled, and its connections are being saved; `left`: they are. `stopped`: the machine is not needed any more. `failed`: none
 * could be had.
 */
export const machineEntry = z.strictObject({
  /** `ID.INCARNATION` of the instance. */
  key: text,
  phase: z.enum(machinePhases),
  hostname: text,
  /** Its network interface: identifier and MAC. */
  nic: text,
  mac: text,
  /** The machine that it has: its name on the host, and the port of the sled that it is plugged into. */
  machine: text.nullable(),
  link: text.nullable(),
  /** OPTE has its port: the machine can be plugged in. */
  has_port: z.boolean(),
  is_plugged: z.boolean(),
  /** Connections that it left with, or comes with. */
  flows: portSnapshot.nullable(),
  fault: text.nullable(),
});
export type MachineEntry = z.output<typeof machineEntry>;

/** All of a sled. A list with a greater number is a later one. */
export const machineList = z.strictObject({ sequence: z.number(), machines: z.array(machineEntry) });
export type MachineList = z.output<typeof machineList>;

/** A machine for an instance: which, at which port of the sled, whether it is plugged in there, and connections that it brings along. */
export const machineOffer = z.union([
  z.strictObject({
    machine: text,
    link: text.regex(/^[^\s/%]{1,15}$/),
    is_plugged: z.boolean(),
    flows: portSnapshot.nullable().default(null),
  }),
  z.strictObject({ fault: text }).describe("there is none, and why"),
]);
export type MachineOffer = z.output<typeof machineOffer>;
