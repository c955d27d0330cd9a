import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSwitch, runSwitch } from "../../../src/p4/switch/index.ts";
import type { DaemonLog } from "../../../src/stack/daemon/log.ts";
import { requestApi } from "../../../src/stack/daemon/request.ts";
import { dpdConfigurationSchema } from "../../../src/stack/dpd/configuration.ts";
import { type RunningDpd, runDpd } from "../../../src/stack/dpd/run-dpd.ts";
import { compileRack } from "../dpd/rack-switch.ts";

/** A port of the lab's switch. */
export interface LabPort {
  readonly id: string;
  readonly number: number;
  readonly mac: string;
}

/** The switch of the lab with its dpd, on the interfaces that its ports are named for, port 0 on cpu0. */
export class LabSwitch implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "kestrel-tfport-"));
  readonly #ports: readonly LabPort[];
  readonly #log: DaemonLog;
  #switch: RunningSwitch | undefined;
  #dpd: RunningDpd | undefined;
  #dpdPort = 0;

  private constructor(ports: readonly LabPort[], log: DaemonLog) {
    this.#ports = ports;
    this.#log = log;
  }

  static async start(ports: readonly LabPort[], log: DaemonLog): Promise<LabSwitch> {
    const lab = new LabSwitch(ports, log);
    const program = join(lab.#folder, "rack.json");
    writeFileSync(program, compileRack());
    lab.#switch = await runSwitch({
      program,
      ports: [{ number: 0, name: "cpu0" }, ...ports.map(({ id, number }) => ({ number, name: id }))],
      thriftPort: 0,
      thriftAddress: "127.0.0.1",
      deviceId: 0,
      enableSwap: false,
      dropPort: 511,
      priorityQueues: 1,
      seed: 1,
      log: () => undefined,
    });
    await lab.startDpd();
    return lab;
  }

  /** The TCP port of dpd's API. */
  get dpdPort(): number {
    return this.#dpdPort;
  }

  /** Start dpd, where it was before if it was, knowing nothing. */
  async startDpd(): Promise<void> {
    this.#dpd = await runDpd(
      dpdConfigurationSchema.parse({
        listen: { host: "::1", port: this.#dpdPort },
        p4switch: { port: this.#switch?.thriftPort },
        ports: this.#ports.map(({ id, number, mac }) => ({ id, interface: id, number, mac })),
      }),
      this.#log,
    );
    this.#dpdPort = this.#dpd.port;
    await this.#dpd.control.driver.synced;
  }

  async stopDpd(): Promise<void> {
    await this.#dpd?.[Symbol.asyncDispose]();
    this.#dpd = undefined;
  }

  /** A request to dpd; its answer has to be a good one. */
  async call(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown> {
    const target = { host: "::1", port: this.#dpdPort };
    const answer = await requestApi(target, { method, path, body, timeoutMs: 20_000 });
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body === "" ? undefined : (JSON.parse(answer.body) as unknown);
  }

  /** Have packets of a prefix leave by a port, to a next hop. */
  async route(cidr: string, portId: string, nextHop: string): Promise<void> {
    const target = { tag: "lab", port_id: portId, link_id: 0, tgt_ip: nextHop, vlan_id: null };
    await this.call("PUT", "/route/ipv6", { cidr, target, replace: true });
  }

  /** The addresses of the neighbours that dpd has from tfportd. */
  async neighbours(): Promise<readonly string[]> {
    const { items } = (await this.call("GET", "/ndp")) as { items: readonly { tag: string; ip: string }[] };
    return items.filter(({ tag }) => tag === "tfportd").map(({ ip }) => ip);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopDpd();
    await this.#switch?.[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}
