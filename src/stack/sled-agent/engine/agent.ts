import type { SledReport, SledState } from "../../nexus/sled-interface/sled-state.ts";
import {
  appliedProgress,
  emptyProgress,
  failedProgress,
  type Progress,
  stepProgress,
  unknownProgress,
} from "../../daemon/progress.ts";
import type { NearLimit } from "../../opte/opted/near-limits.ts";
import type { SledState as OpteState } from "../../opte/opted/sled-state.ts";
import { guestKey, type LightGuest, lightGuests, ownerOfKey } from "./light-guest.ts";
import {
  type Machines,
  portsOfMachines,
  releaseMachine,
  type SaveFlows,
  stepMachines,
  takeFlows,
  takeOffer,
} from "./machines.ts";
import { type Boundary, type GuestHome, optePortName, opteState, ownerName } from "./opte-state.ts";
import type { Flows, MachineOffer } from "../machine-interface.ts";

/** Times of the agent, milliseconds: how long after a failure of opted it is asked again, at first and at most. */
export const agentTimes = { firstRetryMs: 200, longestRetryMs: 5000 } as const;

/** How far a light guest is. */
interface GuestProgress {
  readonly phase: "starting" | "running" | "stopping" | "failed";
  /** opted has been told of its ports. */
  readonly hasPorts: boolean;
}

/** The agent's state: what shall be, and what is. */
export interface AgentState {
  /** Undefined before nexus has said anything: nothing is touched then. */
  readonly desired: SledState | undefined;
  readonly learnt: readonly Boundary[];
  /** What opted says is nearly used up. */
  readonly nearLimits: readonly NearLimit[];
  /** By key. */
  readonly guests: ReadonlyMap<string, GuestProgress>;
  readonly machines: Machines;
  /** What opted was told. */
  readonly opte: Progress;
  /** The generation that was last in effect. */
  readonly effective: number;
}

/** What happens to the agent. */
export type AgentInput =
  /** Nexus says what shall be, or what it said was found on the disk. */
  | { readonly kind: "desired"; readonly state: SledState }
  /** The underlay's routing knows these ways out of the rack. */
  | { readonly kind: "learnt"; readonly boundary: readonly Boundary[] }
  /** These are nearly used up, and nothing else. */
  | { readonly kind: "near-limits"; readonly nearLimits: readonly NearLimit[] }
  /** A guest runs: it was started, or was found running. */
  | { readonly kind: "guest-running"; readonly key: string }
  /** A guest could not be started. */
  | { readonly kind: "guest-failed"; readonly key: string }
  /** A guest is gone, with its network namespace. */
  | { readonly kind: "guest-ended"; readonly key: string }
  /** Machines as an earlier run left them. */
  | { readonly kind: "machines-found"; readonly machines: Machines }
  | { readonly kind: "machine-offered"; readonly key: string; readonly offer: MachineOffer }
  | { readonly kind: "machine-released"; readonly key: string }
  /** opted has told the connections of a machine that leaves. */
  | { readonly kind: "flows-saved"; readonly key: string; readonly flows: Flows }
  | { readonly kind: "opte-applied" }
  | { readonly kind: "opte-failed"; readonly fault: string }
  | { readonly kind: "tick" };

/** What is to be done. */
export type AgentOutput =
  | { readonly kind: "start-guest"; readonly guest: LightGuest }
  | { readonly kind: "stop-guest"; readonly key: string }
  | SaveFlows
  /** Have opted be so by the fewest changes. */
  | { readonly kind: "apply-opte"; readonly state: Partial<OpteState> };

/** One step: the state after it, what to do, and when to tick next. */
export interface AgentStep {
  readonly state: AgentState;
  readonly outputs: readonly AgentOutput[];
  readonly wakeMs: number | undefined;
}

/** An agent that has been told nothing. */
export const emptyAgent: AgentState = {
  desired: undefined,
  learnt: [],
  nearLimits: [],
  guests: new Map(),
  machines: new Map(),
  opte: emptyProgress,
  effective: 0,
};

/**
 * Bring the sled nearer to what shall be. A guest is started before opted is told of its ports, which it attaches in the guest's
 * network namespace; one that shall not be is stopped. A guest that ended by itself is not started again: that is for nexus to
 * say, by another incarnation.
 */
export function stepAgent(before: AgentState, input: AgentInput, nowMs: number): AgentStep {
  const state = take(before, input, nowMs);
  const { desired, learnt, opte } = state;
  if (desired === undefined) return { state, outputs: [], wakeMs: undefined };
  const outputs: AgentOutput[] = [];
  const stepped = stepMachines(state.machines, desired);
  outputs.push(...stepped.outputs);
  let { machines } = stepped;
  const guests = new Map(state.guests);
  const wanted = lightGuests(desired);
  for (const [key, guest] of wanted) {
    if (guests.has(key)) continue;
    guests.set(key, { phase: "starting", hasPorts: false });
    outputs.push({ kind: "start-guest", guest });
  }
  for (const [key, { phase }] of guests) {
    if (wanted.has(key)) continue;
    if (phase === "failed") guests.delete(key);
    if (phase !== "running") continue;
    guests.set(key, { phase: "stopping", hasPorts: false });
    outputs.push({ kind: "stop-guest", key });
  }
  // opted forgets the connections of a port that it is not told of.
  if ([...machines.values()].some(({ phase }) => phase === "leaving")) {
    return { state: { ...state, guests, machines }, outputs, wakeMs: undefined };
  }
  const homeOf = (key: string): GuestHome | undefined => {
    if (wanted.has(key) && guests.get(key)?.phase === "running")
      return { attachment: { kind: "veth", namespace: key } };
    const machine = machines.get(key);
    if (machine?.phase !== "here" || machine.link === null) return undefined;
    return { attachment: { kind: "link", link: machine.link }, flows: machine.flows };
  };
  const target = opteState(desired, homeOf, learnt);
  const { progress, isApplied, begins, wakeMs } = stepProgress(opte, JSON.stringify(target), nowMs);
  if (begins) outputs.push({ kind: "apply-opte", state: target });
  if (isApplied) {
    for (const [key, guest] of guests) {
      if (guest.phase === "running" && !guest.hasPorts) guests.set(key, { ...guest, hasPorts: true });
    }
    machines = portsOfMachines(machines);
  }
  const isStarting =
    [...wanted.keys()].some((key) => guests.get(key)?.phase === "starting") ||
    [...machines.values()].some(({ phase }) => phase === "wanted");
  return {
    state: {
      ...state,
      guests,
      machines,
      opte: progress,
      effective: isApplied && !isStarting ? desired.generation : state.effective,
    },
    outputs,
    wakeMs,
  };
}

function take(state: AgentState, input: AgentInput, nowMs: number): AgentState {
  const { opte } = state;
  const withGuest = (key: string, phase: GuestProgress["phase"] | undefined): AgentState => {
    const guests = new Map(state.guests);
    if (phase === undefined) guests.delete(key);
    else guests.set(key, { phase, hasPorts: false });
    return { ...state, guests };
  };
  switch (input.kind) {
    case "desired":
      // Whatever opted has been told since: it is compared anew.
      return { ...state, desired: input.state, opte: unknownProgress(opte, nowMs) };
    case "learnt":
      return { ...state, learnt: input.boundary };
    case "near-limits":
      return { ...state, nearLimits: input.nearLimits };
    case "guest-running":
      return withGuest(input.key, "running");
    case "guest-failed":
      return withGuest(input.key, "failed");
    case "guest-ended":
      return withGuest(input.key, state.guests.get(input.key)?.phase === "stopping" ? undefined : "failed");
    case "machines-found":
      return { ...state, machines: input.machines };
    case "machine-offered":
      return { ...state, machines: takeOffer(state.machines, input.key, input.offer) };
    case "machine-released":
      return { ...state, machines: releaseMachine(state.machines, input.key) };
    case "flows-saved":
      return { ...state, machines: takeFlows(state.machines, input.key, input.flows) };
    case "opte-applied":
      return { ...state, opte: appliedProgress(opte, nowMs) };
    case "opte-failed":
      return { ...state, opte: failedProgress(opte, input.fault, nowMs, agentTimes) };
    case "tick":
      return state;
  }
}

/** What the agent tells nexus. */
export function reportOf({ desired, guests, machines, opte, effective, nearLimits }: AgentState): SledReport {
  const stateOf = ({ id, kind, run, incarnation }: SledState["instances"][number]) => {
    const isThere = [...guests, ...machines].some(
      ([key, { phase }]) => ownerOfKey(key) === id && phase !== "failed" && phase !== "wanted",
    );
    if (run === "stopped") return isThere ? "stopping" : "stopped";
    const key = guestKey(id, incarnation);
    if (kind === "vm") {
      const machine = machines.get(key);
      if (machine?.phase === "failed") return "failed";
      return machine?.phase === "here" && machine.has_port && machine.is_plugged ? "running" : "starting";
    }
    const own = guests.get(key);
    if (own?.phase === "failed") return "failed";
    return own?.phase === "running" && own.hasPorts ? "running" : "starting";
  };
  return {
    generation: effective,
    instances: (desired?.instances ?? []).map((instance) => ({
      id: instance.id,
      incarnation: instance.incarnation,
      state: stateOf(instance),
    })),
    faults: [
      ...(opte.fault === undefined ? [] : [opte.fault]),
      ...[...machines.values()].flatMap(({ hostname, fault }) => (fault === null ? [] : [`${hostname}: ${fault}`])),
    ],
    alerts: nearLimits.flatMap((one) => alertText(one, desired) ?? []),
  };
}

/** What is nearly used up, by names that people know; undefined for a port that is gone meanwhile. */
function alertText({ port: name, resource, limit }: NearLimit, desired: SledState | undefined): string | undefined {
  const port = desired?.ports.find(({ id }) => optePortName(id) === name);
  if (desired === undefined || port === undefined) return undefined;
  return `${port.project}/${ownerName(port, desired.instances)}, ${port.name}: nearly all of ${limit} are used: ${resource}`;
}
