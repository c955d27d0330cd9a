/**
 * In a network namespace of its own: hosts `near` and `far`, each in a namespace, with a router of the kernel's on either of two
 * ways between them, and a wire on each way that this program carries and can delay. Prints what share of datagrams took
 * the first way before, during and after a delay.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createVeth, findLink, type LinkChange, setLink } from "../../../src/netdev/links.ts";
import { openNetlinkSocket } from "../../../src/netdev/netlink-socket.ts";
import { linkLocalOfMac } from "../../../src/packet/ipv6-address.ts";
import { DelayedWire } from "./delayed-wire.ts";
import type { NodeMessage, NodeRequest, NodeSetup } from "./network-node.ts";

const datagramsPerRound = 400;

/** A process in a network namespace of its own. */
class NetworkNode {
  readonly #child: ChildProcess;
  #onMessage: (message: NodeMessage) => void = () => undefined;
  weights: Readonly<Record<string, number>> = {};
  onWeights: () => void = () => undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => {
      const said = message as NodeMessage;
      if (said.kind === "weights") {
        this.weights = said.weights;
        this.onWeights();
      } else {
        this.#onMessage(said);
      }
    });
    child.on("exit", (code) => {
      if (code !== 0) process.exit(1);
    });
  }

  static async start(): Promise<NetworkNode> {
    const main = fileURLToPath(new URL("network-node.ts", import.meta.url));
    const node = new NetworkNode(
      spawn("unshare", ["--net", process.execPath, main], { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
    );
    await node.#next();
    return node;
  }

  #next(): Promise<NodeMessage> {
    return new Promise((resolve) => {
      this.#onMessage = resolve;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(request: NodeRequest): Promise<unknown> {
    const answered = this.#next();
    this.#child.send(request);
    const said = await answered;
    return said.kind === "answer" ? said.answer : undefined;
  }

  /** Resolves when the share of the first of two ways is so, by the weights in force. */
  async share(fits: (share: number) => boolean): Promise<void> {
    if (fits(shareOf(this.weights))) return;
    await new Promise<void>((resolve) => {
      this.onWeights = () => {
        if (fits(shareOf(this.weights))) resolve();
      };
    });
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.disconnect();
    await ended;
  }
}

function shareOf({ net0 = 1, net1 = 1 }: Readonly<Record<string, number>>): number {
  return net0 / (net0 + net1);
}

const [near, far, router0, router1] = await Promise.all(Array.from({ length: 4 }, () => NetworkNode.start()));
if (near === undefined || far === undefined || router0 === undefined || router1 === undefined)
  throw new Error("no node");
const nodes = [near, far, router0, router1];
const routers = [router0, router1];

// Wires. The last byte of a MAC address: whose it is, and on which way.
const socket = openNetlinkSocket();
const macOf = (whose: "a" | "b" | "c" | "d", way: number): string => `02:00:00:00:00:${whose}${way}`;
type End = LinkChange & { readonly name: string };
const quiet = { addressGeneration: "none" as const, up: true };
const end = (node: NetworkNode, name: string, mac: string): End => ({ name, mac, netNamespacePid: node.pid });
const wires: DelayedWire[] = [];
for (const [way, router] of routers.entries()) {
  await createVeth(socket, { name: `n${way}`, ...quiet }, end(near, `net${way}`, macOf("a", way)));
  await createVeth(socket, { name: `f${way}`, ...quiet }, end(router, "toNear", macOf("b", way)));
  await createVeth(socket, end(router, "toFar", macOf("c", way)), end(far, `net${way}`, macOf("d", way)));
  for (const name of [`n${way}`, `f${way}`]) {
    await setLink(socket, (await findLink(socket, name))?.index ?? 0, { up: true });
  }
  wires.push(new DelayedWire(`n${way}`, `f${way}`));
}
const [first, second] = wires;
if (first === undefined || second === undefined) throw new Error("no wires");

const [nearPrefix, farPrefix] = ["fd00:1::/64", "fd00:2::/64"];
const [nearAddress, farAddress] = ["fd00:1::1", "fd00:2::1"];
const setUps: readonly (readonly [NetworkNode, Omit<NodeSetup, "sysctls"> & { sysctls?: NodeSetup["sysctls"] }])[] = [
  [
    far,
    {
      links: ["net0", "net1"],
      address: farAddress,
      routes: [{ destination: nearPrefix, via: linkLocalOfMac(macOf("c", 0)), link: "net0" }],
    },
  ],
  ...routers.map((router, way) => {
    const routes = [
      { destination: nearPrefix, via: linkLocalOfMac(macOf("a", way)), link: "toNear" },
      { destination: farPrefix, via: linkLocalOfMac(macOf("d", way)), link: "toFar" },
    ];
    return [router, { sysctls: { "conf/all/forwarding": "1" }, links: ["toNear", "toFar"], routes }] as const;
  }),
  [
    near,
    {
      sysctls: { fib_multipath_hash_policy: "1" },
      links: ["net0", "net1"],
      address: nearAddress,
      routes: [],
      multipath: {
        destination: farPrefix,
        probeAddress: farAddress,
        paths: [0, 1].map((way) => ({ interface: `net${way}`, nextHop: linkLocalOfMac(macOf("b", way)) })),
      },
    },
  ],
];
for (const [node, setup] of setUps) {
  const sysctls = { "conf/all/accept_dad": "0", "conf/default/accept_dad": "0", ...setup.sysctls };
  await node.ask({ do: "set up", setup: { ...setup, sysctls } });
}

/** What share of datagrams takes the first way, and what it should be by the weights before and after. */
async function round(node: NetworkNode, [one, other]: readonly [DelayedWire, DelayedWire]): Promise<unknown> {
  one.datagrams = 0;
  other.datagrams = 0;
  const arrived = new Promise<void>((resolve) => {
    const count = (): void => {
      if (one.datagrams + other.datagrams === datagramsPerRound) resolve();
    };
    one.onDatagram = count;
    other.onDatagram = count;
  });
  const { before, after } = (await node.ask({ do: "send datagrams", to: farAddress, count: datagramsPerRound })) as {
    before: Record<string, number>;
    after: Record<string, number>;
  };
  await arrived;
  return { seen: one.datagrams / datagramsPerRound, wanted: [shareOf(before), shareOf(after)] };
}

const ways = [first, second] as const;
const equal = await round(near, ways);
for (const [node, source] of [
  [far, farAddress],
  [near, nearAddress],
] as const) {
  await node.ask({ do: "start multipath", interfaces: ["net0", "net1"], source });
}
first.delayMs = 80;
await near.share((share) => share < 0.25);
const delayed = await round(near, ways);
first.delayMs = 0;
await near.share((share) => share > 0.4);
const returned = await round(near, ways);
first.cut = true;
await near.share((share) => share < 0.01);
const silent = await near.ask({ do: "tell", what: "status" });
first.cut = false;
await near.share((share) => share > 0.4);
const problems = [
  await near.ask({ do: "tell", what: "parameter problems" }),
  await far.ask({ do: "tell", what: "parameter problems" }),
];
await near.ask({ do: "stop multipath" });
await far.ask({ do: "stop multipath" });
for (const node of nodes) await node.end();
for (const wire of wires) wire[Symbol.dispose]();
socket[Symbol.dispose]();
console.log(JSON.stringify({ equal, delayed, returned, silent, problems }));
