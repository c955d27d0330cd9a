import { crc32 } from "node:zlib";
import { Api, type ApiResult } from "@oxide/api";
import type { FlowTestbed } from "../../src/index.ts";
import { findInstance, instanceCommand, type InstanceView, NexusClient } from "../../src/rack/index.ts";

/** How long what takes a second on a machine of its own may take where processors are emulated and busy. */
export const within = 120_000;

/** The data of an answer that must be a success. */
export async function ok<Data>(answer: Promise<ApiResult<Data>>): Promise<Data> {
  const result = await answer;
  if (result.type !== "success") throw new Error(`refused: ${JSON.stringify(result)}`);
  return result.data;
}

/** An instance that runs, and its sled. */
export type PlacedInstance = InstanceView & { readonly sled: string; readonly v4: string; readonly v6: string };

/** The racks of `topologies/vpcs.yaml`: Oxide's client for their nexus, and commands in their instances. */
export class VpcRack implements AsyncDisposable {
  readonly bed: FlowTestbed;
  readonly api: Api["methods"];
  readonly nexus: NexusClient;
  readonly #forwarded: AsyncDisposable;

  private constructor(bed: FlowTestbed, nexus: NexusClient, host: string, forwarded: AsyncDisposable) {
    this.bed = bed;
    this.nexus = nexus;
    this.api = new Api({ host }).methods;
    this.#forwarded = forwarded;
  }

  static async of(bed: FlowTestbed): Promise<VpcRack> {
    const forwarded = await bed.node("s1").forward(12_220);
    const host = `http://${forwarded.address}:${forwarded.port}`;
    return new VpcRack(bed, await NexusClient.of(bed.testbed), host, forwarded);
  }

  /** An instance by `PROJECT/NAME`, once it has its addresses. */
  async instance(name: string): Promise<PlacedInstance> {
    const found = await findInstance(this.nexus, name);
    const [v4 = "", v6 = ""] = found.addresses;
    if (found.sled === null) throw new Error(`${name} is at no sled`);
    const has = `ip -brief address show dev net0 | grep -qF ' ${v4}/' && ip -6 route show default | grep -q net0`;
    await this.bed.node(found.sled).until(instanceCommand(found.id, has), { within });
    return { ...found, sled: found.sled, v4, v6 };
  }

  /** Run a command in an instance. */
  async run({ sled, id }: PlacedInstance, command: string | readonly string[]) {
    return this.bed.node(sled).exec(instanceCommand(id, command));
  }

  /** Whether one echo request is answered. */
  async pings(from: PlacedInstance, address: string): Promise<boolean> {
    return (await this.run(from, ["ping", "-n", "-c", "1", "-W", "2", address])).exitCode === 0;
  }

  /** Whether a TCP connection gets as far as the other end, where nobody listens: it is refused there. */
  async connects(from: PlacedInstance, address: string, port: number): Promise<boolean> {
    const connect = `socat -u OPEN:/dev/null TCP:${address}:${port},connect-timeout=2`;
    return (await this.run(from, connect)).stderr.includes("refused");
  }

  /** An answer of getent: addresses, each once; none for a name that is not there. */
  async addressesOf(from: PlacedInstance, name: string): Promise<readonly string[]> {
    const { stdout } = await this.run(from, `getent ahostsv4 ${name}; getent ahostsv6 ${name}`);
    return [...new Set(stdout.split("\n").flatMap((line) => /^\S+/.exec(line) ?? []))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#forwarded[Symbol.asyncDispose]();
  }
}

/** The address of a sled's tunnels. */
export function underlayOf(sled: string): string {
  return `fd00:1122:3344:10${sled.slice(1)}::1`;
}

/** A TCP connection over IPv4. */
export interface Connection {
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
}

/** The source port of the tunnel of a connection: a hash of that, over bytes in the order that OPTE has them. */
export function tunnelPort({ src, srcPort, dst, dstPort }: Connection): number {
  const address = (text: string) => Buffer.from(text.split(".").map(Number));
  const length = (bytes: number) => Buffer.of(bytes, 0, 0, 0, 0, 0, 0, 0);
  const ports = Buffer.alloc(4);
  ports.writeUInt16LE(srcPort);
  ports.writeUInt16LE(dstPort, 2);
  const family = Buffer.of(2, 0);
  const parts = [Buffer.of(6), family, length(4), address(src), length(4), address(dst), length(2), ports];
  return crc32(Buffer.concat(parts)) & 0xffff;
}
