import { readFile } from "node:fs/promises";
import type { Channel, Connection } from "../channel/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import {
  AgentGuest,
  type BundleFile,
  type Guest,
  type GuestSnapshot,
  type InstallResult,
  SshGuest,
} from "../guest/index.ts";
import type { NodePlan } from "../topology/index.ts";
import type { NodeStatus, NodeVerb, TestbedStatus } from "./protocol.ts";

/** One node of a running testbed, as clients see it: verbs on its machine, and its guest. */
export class NodeHandle {
  readonly plan: NodePlan;
  readonly #connection: Connection;
  readonly #testbedStatus: () => Promise<TestbedStatus>;
  #guest: Promise<Guest> | undefined;

  constructor(plan: NodePlan, connection: Connection, testbedStatus: () => Promise<TestbedStatus>) {
    this.plan = plan;
    this.#connection = connection;
    this.#testbedStatus = testbedStatus;
  }

  get name(): string {
    return this.plan.name;
  }

  async status(): Promise<NodeStatus> {
    const status = (await this.#testbedStatus()).nodes.find(({ name }) => name === this.name);
    if (status !== undefined) return status;
    throw new KestrelError({
      kind: "input",
      step: "look at the node",
      subject: this.name,
      expected: "a node that has been started",
      found: "a testbed that has not come to it yet",
    });
  }

  /** What the guest can be asked. Foreign guests are reached over SSH, our own through their agent. */
  guest(): Promise<Guest> {
    this.#guest ??= this.plan.disk === null ? Promise.resolve(this.#agentGuest()) : this.#sshGuest();
    return this.#guest;
  }

  /** What a node of our own kinds is and runs now; undefined for foreign guests, which have no agent to say so. */
  async snapshot(timeoutMs: number): Promise<GuestSnapshot | undefined> {
    return this.plan.disk === null ? this.#agentGuest().snapshot({ timeoutMs }) : undefined;
  }

  /** Swap files below /opt/kestrel of a node of our own kinds and restart its services; only what differs is sent. */
  install(files: readonly BundleFile[]): Promise<InstallResult> {
    return this.#agentGuest().install(files);
  }

  /** Do a verb on the machine; resolves when its effect is there. */
  async act(verb: NodeVerb): Promise<void> {
    await this.#connection.request("act", { node: this.name, verb });
  }

  /** The serial console: its recent output, then everything new; what is written is typed. Cancel the channel to leave. */
  console(): Channel {
    return this.#connection.open("console", { node: this.name });
  }

  #agentGuest(): AgentGuest {
    const call = (method: string, params: unknown): unknown => ({ node: this.name, method, params });
    return new AgentGuest(
      {
        open: (method, params) => this.#connection.open("node", call(method, params)),
        request: (method, params, options) => this.#connection.request("node", call(method, params), options),
      },
      this.name,
    );
  }

  async #sshGuest(): Promise<Guest> {
    const { ssh } = await this.status();
    if (ssh === null) throw new Error(`${this.name} is not reached over SSH`);
    return SshGuest.connect({
      node: this.name,
      host: "127.0.0.1",
      port: ssh.port,
      username: ssh.user,
      privateKey: await readFile(ssh.keyFile, "utf8"),
      deadlineMs: 30_000,
    });
  }
}
