import { randomBytes } from "node:crypto";
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import pLimit, { type LimitFunction } from "p-limit";
import { type Guest, type Identity, SshGuest } from "../guest/index.ts";
import { sha256 } from "../host/index.ts";
import { dataDisk } from "../image/index.ts";
import { discardTemplate, Machine, type MachineSpec, slotMac, type Template } from "../machine/index.ts";
import type { NodePlan, Plan } from "../topology/index.ts";
import { prepareForeignDisk } from "./foreign-disk.ts";
import type { Journal } from "./journal.ts";
import { machineSpec, nodeFile } from "./launch.ts";
import type { Happening, NodeStatus } from "./protocol.ts";
import type { Resources } from "./resources.ts";
import type { TestbedKeys } from "./testbed-keys.ts";

/** A machine whose guest runs, and how it came to be. */
export interface StartedMachine {
  readonly machine: Machine;
  readonly origin: "clone" | "boot";
  /** How to reach a foreign guest; null for our own kinds. */
  readonly ssh: NodeStatus["ssh"];
}

/** What all nodes of a testbed are made with. */
export interface ProvisionerOptions {
  readonly testbed: string;
  readonly plan: Plan;
  readonly runDirectory: string;
  /** Folder that relative paths of the plan are in. */
  readonly topologyDirectory: string;
  readonly cold: boolean;
  readonly resources: Resources;
  readonly keys: TestbedKeys;
  readonly journal: Journal;
  /** Machines that may be between their first instruction and their identity at the same moment. */
  readonly concurrency: number;
  readonly emit: (happening: Happening) => void;
}

/** Emulated guests need longer; the figures are ten times what an idle 2-core host needs under emulation, and more. */
const deadlines = {
  bootMs: { kvm: 60_000, tcg: 600_000 },
  wakeMs: { kvm: 30_000, tcg: 120_000 },
  foreignBootMs: { kvm: 180_000, tcg: 900_000 },
} as const;

/** Makes the machine and the identity of every node of one testbed. */
export class NodeProvisioner {
  readonly #options: ProvisionerOptions;
  readonly #turns: LimitFunction;
  readonly #templates = new Map<string, Template>();

  constructor(options: ProvisionerOptions) {
    this.#options = options;
    this.#turns = pLimit(options.concurrency);
  }

  /**
   * Make the templates that are not there yet. Nodes wait for each other with deadlines, which begin when all can start.
   */
  async prepareTemplates(signal: AbortSignal): Promise<void> {
    const { plan, cold, resources } = this.#options;
    if (cold) return;
    const own = plan.nodes.filter(({ disk }) => disk === null);
    await Promise.all(own.map((node) => resources.template(node, signal)));
  }

  /** Start a node's machine: a clone of its template, or by booting where there is none. */
  startMachine(node: NodePlan, signal: AbortSignal): Promise<StartedMachine> {
    return node.disk === null ? this.#startOwn(node, signal) : this.#startForeign(node, signal);
  }

  /** Key of the template that a node's machine is a clone of; null when it was booted. */
  templateKey(node: string): string | null {
    return this.#templates.get(node)?.key ?? null;
  }

  /** Do the part of a start that keeps a CPU busy when it is its turn: more at a time would only take longer each. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns(work);
  }

  /** Milliseconds that the agent has to answer. */
  answerDeadlineMs(boots: boolean): number {
    const { accelerator } = this.#options.resources;
    return boots ? deadlines.bootMs[accelerator] : deadlines.wakeMs[accelerator];
  }

  /** A clone that does not answer is taken as a sign that its template is bad: the next start makes a new one. */
  async didNotAnswer(node: NodePlan, boots: boolean): Promise<void> {
    const template = this.#templates.get(node.name);
    if (boots || template === undefined) return;
    await discardTemplate(template);
    this.#options.emit({
      type: "notice",
      message: `${node.name} did not wake from template ${template.key}, which was thrown away; the next start makes it again`,
    });
  }

  /** Who a node is; nothing of it was in the template. */
  identity(node: NodePlan): Identity {
    const { plan, testbed, keys } = this.#options;
    return {
      hostname: node.name,
      machineId: sha256(`${testbed}/${node.name}`).slice(0, 32),
      seedBase64: randomBytes(64).toString("base64"),
      clockEpochMs: Date.now(),
      ports: node.ports.map(({ slot, name, mac, mtu, addresses }) => ({
        slot,
        templateMac: slotMac(slot),
        name,
        mac,
        mtu,
        addresses,
        up: true,
      })),
      routes: node.routes,
      sysctls: node.sysctls,
      dataDisk: node.dataDiskMiB !== null,
      ssh: { hostKeyEd25519: keys.hostKey(node.name), authorizedKey: keys.authorizedKey },
      hosts: Object.fromEntries(
        plan.nodes.map(({ name, ports }) => [
          name,
          ports.flatMap(({ addresses }) => addresses.map((address) => address.replace(/\/.*$/, ""))),
        ]),
      ),
      env: node.env,
    };
  }

  /** Reach a foreign guest once its SSH server lets our key in. */
  async reachOverSsh(node: NodePlan, ssh: NonNullable<NodeStatus["ssh"]>, signal: AbortSignal): Promise<Guest> {
    const { resources, keys } = this.#options;
    return SshGuest.connect({
      node: node.name,
      host: "127.0.0.1",
      port: ssh.port,
      username: ssh.user,
      privateKey: keys.privateKey,
      deadlineMs: deadlines.foreignBootMs[resources.accelerator],
      signal,
    });
  }

  async #startOwn(node: NodePlan, signal: AbortSignal): Promise<StartedMachine> {
    const { cold, resources } = this.#options;
    const template = cold ? undefined : await resources.template(node, signal);
    if (template === undefined) this.#templates.delete(node.name);
    else this.#templates.set(node.name, template);
    const machine = await this.#launch(node, await resources.boot(node), template, signal);
    return { machine, origin: template === undefined ? "boot" : "clone", ssh: null };
  }

  async #startForeign(node: NodePlan, signal: AbortSignal): Promise<StartedMachine> {
    const { plan, runDirectory, topologyDirectory, keys } = this.#options;
    const { authorizedKey, keyFile } = keys;
    await mkdir(join(runDirectory, nodeFile(node.name, ".")), { recursive: true, mode: 0o700 });
    const boot = await prepareForeignDisk({ plan, node, runDirectory, topologyDirectory, authorizedKey });
    const machine = await this.#launch(node, boot, undefined, signal);
    return { machine, origin: "boot", ssh: { port: boot.sshHostPort, keyFile, user: "kestrel" } };
  }

  async #launch(
    node: NodePlan,
    boot: MachineSpec["boot"],
    template: Template | undefined,
    signal: AbortSignal,
  ): Promise<Machine> {
    const { plan, testbed, runDirectory, resources, journal } = this.#options;
    await this.#makeDataDisk(node);
    const spec = machineSpec(plan, node, { testbed, accelerator: resources.accelerator }, boot);
    journal.write({ act: "spawn", what: spec.name });
    const machine = await Machine.start({
      spec,
      qemu: resources.qemu.path,
      workingDirectory: runDirectory,
      consoleLog: nodeFile(node.name, "console.log"),
      ...(template === undefined ? {} : { template }),
      tscKilohertz: resources.tscKilohertz,
      signal,
    });
    journal.spawned(spec.name, machine.pid);
    return machine;
  }

  /** The data disk outlives a power cycle, so it is made once. */
  async #makeDataDisk(node: NodePlan): Promise<void> {
    const { runDirectory } = this.#options;
    await mkdir(join(runDirectory, nodeFile(node.name, ".")), { recursive: true, mode: 0o700 });
    if (node.dataDiskMiB === null) return;
    const path = join(runDirectory, nodeFile(node.name, "data.raw"));
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (exists) return;
    const formatted = await dataDisk(node.dataDiskMiB);
    await execa("cp", ["--sparse=always", "--reflink=auto", "--", formatted, `${path}.part`]);
    await rename(`${path}.part`, path);
  }
}
