import { setTimeout as pause } from "node:timers/promises";
import { describeError } from "../../error/kestrel-error.ts";
import type { MachineEntry, MachineList, MachineOffer } from "../../stack/sled-agent/machine-interface.ts";
import { type MachineAction, machineActions } from "./assignments.ts";
import type { SledMachines } from "./sled-machines.ts";

/** Milliseconds after which a sled that does not answer, or what has failed, is tried again, at first and at most. */
const firstRetryMs = 200;
const longestRetryMs = 5_000;

/** What can be done with machines. All of it may be done again. */
export interface MachineHost {
  /** Plug a machine into a sled's port for it. */
  plug(machine: string, sled: string): Promise<void>;
  unplug(machine: string): Promise<void>;
  /** Have an unplugged machine be an instance: its NIC and its name. */
  personalise(machine: string, entry: MachineEntry): Promise<void>;
  /** Have a machine begin anew, as one that nobody has used. */
  recycle(machine: string): Promise<void>;
}

/** Whom the provider asks, and what it has. */
export interface ProviderParts {
  readonly agents: ReadonlyMap<string, SledMachines>;
  readonly machines: readonly string[];
  readonly host: MachineHost;
  readonly log: (words: string) => void;
}

/**
 * Gives instances of kind `vm` machines: asks the agents of all sleds which they want, and plugs machines of the pool into the
 * sleds. It remembers nothing: who has which machine is what the agents say, so it may end and begin at any time.
 */
export class MachineProvider {
  readonly #host: MachineHost;
  readonly #log: (words: string) => void;
  readonly #agents: ReadonlyMap<string, SledMachines>;
  readonly #lists = new Map<string, MachineList | undefined>();
  readonly #machines = new Map<string, { isReady: boolean }>();
  readonly #busy = new Set<string>();
  #hasUnpluggedIdle = false;

  constructor({ agents, machines, host, log }: ProviderParts) {
    this.#agents = agents;
    this.#host = host;
    this.#log = log;
    for (const name of agents.keys()) this.#lists.set(name, undefined);
    for (const name of machines) this.#machines.set(name, { isReady: false });
  }

  /** Go on until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from(this.#agents, ([sled, agent]) => this.#watch(sled, agent, signal)));
  }

  /** Whether a machine answers. */
  noteMachine(name: string, isReady: boolean): void {
    const machine = this.#machines.get(name);
    if (machine === undefined || machine.isReady === isReady) return;
    machine.isReady = isReady;
    if (isReady) this.#act();
  }

  async #watch(sled: string, agent: SledMachines, signal: AbortSignal): Promise<void> {
    for (let delayMs = firstRetryMs; !signal.aborted;) {
      try {
        const list = await agent.next(signal);
        if (list !== undefined) this.#heard(sled, list);
        delayMs = firstRetryMs;
      } catch {
        // The sled has not come so far, or is off: what it said last holds.
        await pause(delayMs, undefined, { signal }).catch(() => undefined);
        delayMs = Math.min(longestRetryMs, delayMs * 2);
      }
    }
  }

  #heard(sled: string, list: MachineList): void {
    const before = this.#lists.get(sled);
    if (before !== undefined && before.sequence > list.sequence) return;
    this.#lists.set(sled, list);
    this.#act();
  }

  #act(): void {
    if (!this.#hasUnpluggedIdle) void this.#unplugIdle();
    for (const action of machineActions({ sleds: this.#lists, machines: this.#machines, busy: this.#busy })) {
      void this.#do(action);
    }
  }

  /** Machines are plugged into the first sled to begin with. */
  async #unplugIdle(): Promise<void> {
    const lists = [...this.#lists.values()];
    if (lists.includes(undefined)) return;
    this.#hasUnpluggedIdle = true;
    const taken = new Set(lists.flatMap((list) => list?.machines.map(({ machine }) => machine) ?? []));
    for (const machine of this.#machines.keys()) {
      if (!taken.has(machine) && !this.#busy.has(machine)) await this.#host.unplug(machine);
    }
  }

  async #do(action: MachineAction): Promise<void> {
    const held = [action.entry.key, ...("machine" in action ? [action.machine] : [])];
    for (const each of held) this.#busy.add(each);
    try {
      await this.#perform(action);
    } catch (error) {
      this.#log(`${action.kind} ${action.entry.hostname}: ${describeError(error)}`);
      await pause(longestRetryMs);
    } finally {
      for (const each of held) this.#busy.delete(each);
    }
    this.#act();
  }

  async #perform(action: MachineAction): Promise<void> {
    const { entry } = action;
    const { key } = entry;
    switch (action.kind) {
      case "refuse": {
        const fault = `none of the ${String(this.#machines.size)} machines is free: declare more as stack: machines:`;
        return this.#offer(action.sled, key, { fault });
      }
      case "prepare": {
        const { sled, machine } = action;
        await this.#host.unplug(machine);
        await this.#host.personalise(machine, entry);
        this.#log(`${entry.hostname} gets ${machine}, for ${sled}`);
        return this.#offer(sled, key, { machine, link: machine, is_plugged: false, flows: null });
      }
      case "plug": {
        const { sled, machine } = action;
        await this.#host.plug(machine, sled);
        this.#log(`${entry.hostname} is plugged into ${sled}`);
        return this.#offer(sled, key, { machine, link: machine, is_plugged: true, flows: null });
      }
      case "carry": {
        const { from, to, machine } = action;
        await this.#host.unplug(machine);
        await this.#offer(to, key, { machine, link: machine, is_plugged: false, flows: entry.flows });
        this.#log(`${entry.hostname} goes from ${from} to ${to}`);
        return this.#release(from, key);
      }
      case "recycle": {
        const { sled, machine } = action;
        await this.#host.unplug(machine);
        await this.#host.recycle(machine);
        this.#log(`${machine} of ${entry.hostname} is free`);
        return this.#release(sled, key);
      }
    }
  }

  async #offer(sled: string, key: string, offer: MachineOffer): Promise<void> {
    const list = await this.#agents.get(sled)?.offer(key, offer);
    if (list !== undefined) this.#heard(sled, list);
  }

  async #release(sled: string, key: string): Promise<void> {
    const list = await this.#agents.get(sled)?.release(key);
    if (list !== undefined) this.#heard(sled, list);
  }
}
