import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createVeth, findLink, setLink } from "../../../src/netdev/links.ts";
import type { NetlinkSocket } from "../../../src/netdev/netlink-socket.ts";
import { build, linkLocalOfMac, type Packet, parse } from "../../../src/packet/index.ts";
import type { HostOrder, HostReport } from "./lab-host.ts";

const deadlineMs = 30_000;

/** What a test waits for: told again whenever something happened. */
export class Happenings {
  #waiters: (() => void)[] = [];

  happened(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** The first value that is not undefined, looked for again after each happening. */
  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    const expired = AbortSignal.timeout(deadlineMs);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (expired.aborted) throw new Error(`expected ${what} within ${deadlineMs} ms`);
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
        expired.addEventListener(
          "abort",
          () => {
            resolve();
          },
          { once: true },
        );
      });
    }
  }
}

/** A host on a wire to the switch, in a network namespace and process of its own. */
export class LabHost implements AsyncDisposable {
  readonly frames: Packet[] = [];
  readonly datagrams: string[] = [];
  readonly address: string;
  port = 0;
  mac = "";
  readonly #child: ChildProcess;
  readonly #happenings: Happenings;

  private constructor(address: string, happenings: Happenings) {
    this.address = address;
    this.#happenings = happenings;
    const file = fileURLToPath(new URL("lab-host.ts", import.meta.url));
    this.#child = spawn("unshare", ["--net", process.execPath, file], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  /** A host of this address at the other end of the switch's interface `nic`, whose MAC address is `switchMac`. */
  static async join(
    netlink: NetlinkSocket,
    happenings: Happenings,
    { nic, switchMac, address }: { nic: string; switchMac: string; address: string },
  ): Promise<LabHost> {
    const host = new LabHost(address, happenings);
    const started = Promise.withResolvers<unknown>();
    host.#child.on("message", (report: HostReport) => {
      if (report.report === "started") started.resolve(undefined);
      host.#take(report);
    });
    await started.promise;
    await createVeth(netlink, { name: nic, mac: switchMac, mtu: 9000 }, { name: `${nic}h`, mtu: 9000 });
    const [near, far] = [await findLink(netlink, nic), await findLink(netlink, `${nic}h`)];
    if (near === undefined || far === undefined) throw new Error(`${nic} is not there`);
    writeFileSync(`/proc/sys/net/ipv6/conf/${nic}/disable_ipv6`, "1");
    await setLink(netlink, far.index, { netNamespacePid: host.#child.pid ?? 0 });
    await setLink(netlink, near.index, { up: true });
    host.#order({ order: "join", interface: `${nic}h`, address, gateway: linkLocalOfMac(switchMac) });
    await happenings.until(`${nic}h to be there`, () => (host.port === 0 ? undefined : true));
    return host;
  }

  /** Send a datagram to another host. */
  send(to: { readonly address: string; readonly port: number }, text: string, hops = 64): void {
    this.#order({ order: "datagram", to: to.address, port: to.port, text, hops });
  }

  sendFrame(packet: Packet): void {
    this.#order({ order: "frame", hex: build(packet).toString("hex") });
  }

  #order(order: HostOrder): void {
    this.#child.send(order);
  }

  #take(report: HostReport): void {
    if (report.report === "frame") this.frames.push(parse(Buffer.from(report.hex, "hex")));
    if (report.report === "datagram") this.datagrams.push(report.text);
    if (report.report === "joined") ({ port: this.port, mac: this.mac } = report);
    this.#happenings.happened();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }
}
