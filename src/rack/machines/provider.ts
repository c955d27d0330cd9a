import { setTimeout as pause } from "node:timers/promises";
import { describeError } from "../../error/kestrel-error.ts";
import type { MachineEntry, MachineList, MachineOffer } from "../../stack/sled-agent/machine-interface.ts";
import type { Testbed, TestbedEvent } from "../../testbed/index.ts";
import { hostAddress } from "../addressing.ts";
import { fabricOf, nodesOf } from "../fabric.ts";
import { type MachineAction, machineActions } from "./assignments.ts";
import { machineNames, networkService } from "./pool.ts";
import { SledMachines } from "./sled-machines.ts";

/** Milliseconds after which a sled that does not answer, or what has failed, is tried again, at first and at most. */
const firstRetryMs = 200;
const longestRetryMs = 5_000;
/** Milliseconds for a command in a machine that is emulated and busy. */
const commandMs = 60_000;
/** The end of a machine's wire that is plugged into sleds. */
const sledEnd = 1;

/**
 * Gives instances of kind `vm` machines: asks the agents of all sleds which they want, and plugs machines of the pool into the
 * sleds. It remembers nothing: who has which machine is what the agents say, so it may end and begin at any time.
 */
export class MachineProvider {
  readonly #testbed: Testbed;
  readonly #log: (words: string) => void;
  readonly #agents: ReadonlyMap<string, SledMachines>;
  readonly #lists = new Map<string, MachineList | undefined>();
  readonly #machines = new Map<string, { isReady: boolean }>();
  readonly #busy = new Set<string>();
  #hasUnpluggedIdle = false;

  constructor(testbed: Testbed, log: (words: string) => void) {
    this.#testbed = testbed;
    this.#log = log;
    const sleds = nodesOf(fabricOf(testbed.plan)).filter(({ role }) => role === "sled");
    this.#agents = new Map(
      sleds.map(({ node: { name }, prefix }) => [
        name,
        new SledMachines(() => testbed.node(name).guest(), hostAddress(prefix)),
      ]),
    );
    for (const name of this.#agents.keys()) this.#lists.set(name, undefined);
    for (const name of machineNames(testbed.plan)) this.#machines.set(name, { isReady: false });
  }

  /** Go on until the testbed ends, or the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const watching = [...this.#agents].map(([sled, agent]) => this.#watch(sled, agent, either));
    try {
      await this.#testbed.onEvents({ signal }, (event) => {
        this.#noteEvent(event);
      });
    } finally {
      ended.abort();
      await Promise.all(watching);
    }
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

  #noteEvent(event: TestbedEvent): void {
    if (event.type !== "node") return;
    const machine = this.#machines.get(event.node);
    if (machine === undefined) return;
    const wasReady = machine.isReady;
    machine.isReady = event.state === "ready" || event.state === "paused";
    if (machine.isReady === wasReady || !machine.isReady) return;
    this.#act();
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

  /** The plan has every machine plugged into the first sled. */
  async #unplugIdle(): Promise<void> {
    const lists = [...this.#lists.values()];
    if (lists.includes(undefined)) return;
    this.#hasUnpluggedIdle = true;
    const taken = new Set(lists.flatMap((list) => list?.machines.map(({ machine }) => machine) ?? []));
    for (const machine of this.#machines.keys()) {
      if (!taken.has(machine) && !this.#busy.has(machine)) await this.#unplug(machine);
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
        await this.#unplug(machine);
        await this.#personalise(machine, entry);
        this.#log(`${entry.hostname} gets ${machine}, for ${sled}`);
        return this.#offer(sled, key, { machine, link: machine, is_plugged: false, flows: null });
      }
      case "plug": {
        const { sled, machine } = action;
        await this.#testbed.wires.attach(machine, sledEnd, { port: `${sled}:${machine}` });
        this.#log(`${entry.hostname} is plugged into ${sled}`);
        return this.#offer(sled, key, { machine, link: machine, is_plugged: true, flows: null });
      }
      case "carry": {
        const { from, to, machine } = action;
        await this.#unplug(machine);
        await this.#offer(to, key, { machine, link: machine, is_plugged: false, flows: entry.flows });
        this.#log(`${entry.hostname} goes from ${from} to ${to}`);
        return this.#release(from, key);
      }
      case "recycle": {
        const { sled, machine } = action;
        await this.#unplug(machine);
        await this.#testbed.node(machine).act("power-cycle");
        this.#log(`${machine} of ${entry.hostname} is free`);
        return this.#release(sled, key);
      }
    }
  }

  /** Have a machine be the instance, as far as its NIC and its name go, and configure its network when it is plugged in. */
  async #personalise(machine: string, { hostname, mac }: MachineEntry): Promise<void> {
    const guest = await this.#testbed.node(machine).guest();
    const commands = [
      "ip link set net0 down",
      `ip link set net0 address ${mac}`,
      "ip link set net0 up",
      `echo ${hostname} | tee /proc/sys/kernel/hostname >/etc/hostname`,
    ];
    const { exitCode, stderr } = await guest.exec(commands.join(" && "), { timeoutMs: commandMs });
    if (exitCode !== 0) throw new Error(`${machine}: ${stderr.trim()}`);
    await guest.services.start(networkService);
  }

  async #unplug(machine: string): Promise<void> {
    const { wires } = await this.#testbed.wires.list();
    const isPlugged = wires.some(({ name, ends }) => name === machine && ends[sledEnd] !== null);
    if (isPlugged) await this.#testbed.wires.detach(machine, sledEnd);
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
