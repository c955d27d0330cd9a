import { KestrelError } from "../../error/kestrel-error.ts";
import { type Guest, type HttpAnswer, httpGet, type HttpPlace, httpSend } from "../../guest/index.ts";
import { type MachineList, machineList, type MachineOffer } from "../../stack/sled-agent/machine-interface.ts";
import type { Testbed } from "../../testbed/index.ts";
import { hostAddress } from "../addressing.ts";
import { sledAgentPort } from "../daemon-ports.ts";
import type { RackNode } from "../fabric.ts";

/** For a sled that is emulated and busy. */
const deadlineMs = 60_000;
const heldSeconds = 30;
const root = "/v1/machines";

/** What a sled's agent says of the machines of its instances, and is told: over the sled's own line, no NIC takes part. */
export class SledMachines {
  readonly #guest: () => Promise<Pick<Guest, "connect">>;
  readonly #address: string;
  #tag: string | undefined;

  constructor(guest: () => Promise<Pick<Guest, "connect">>, address: string) {
    this.#guest = guest;
    this.#address = address;
  }

  /** Those of a sled of a testbed. */
  static of(testbed: Testbed, { node, prefix }: RackNode): SledMachines {
    return new SledMachines(() => testbed.node(node.name).guest(), hostAddress(prefix));
  }

  /** All of them, as soon as they are others than this has answered before; undefined when nothing came of it for half a minute. Rejects when nobody answers. */
  async next(signal: AbortSignal): Promise<MachineList | undefined> {
    const known = this.#tag === undefined ? undefined : { tag: this.#tag, waitSeconds: heldSeconds };
    const until = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const answer = await httpGet(await this.#guest(), this.#place(root), until, known);
    if (answer.status === 304) return undefined;
    const list = this.#listOf(answer);
    this.#tag = answer.tag;
    return list;
  }

  /** All of them, now. */
  async list(): Promise<MachineList> {
    return this.#listOf(await httpGet(await this.#guest(), this.#place(root), AbortSignal.timeout(deadlineMs)));
  }

  offer(key: string, offer: MachineOffer): Promise<MachineList> {
    return this.#send("PUT", key, offer);
  }

  release(key: string): Promise<MachineList> {
    return this.#send("DELETE", key);
  }

  async #send(method: "PUT" | "DELETE", key: string, body?: unknown): Promise<MachineList> {
    const place = this.#place(`${root}/${encodeURIComponent(key)}`);
    return this.#listOf(await httpSend(await this.#guest(), place, AbortSignal.timeout(deadlineMs), method, body));
  }

  #place(path: string): HttpPlace {
    return { address: this.#address, port: sledAgentPort, path };
  }

  #listOf({ status, body }: HttpAnswer): MachineList {
    if (status === 200) return machineList.parse(JSON.parse(body));
    const found = status === 0 ? "no answer" : `status ${String(status)}: ${body}`;
    throw new KestrelError({ kind: "host", step: "ask sled-agent for its machines", subject: this.#address, found });
  }
}
