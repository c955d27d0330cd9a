/**
 * A node of the network in two-routers.ts, in a network namespace of its own: does what its parent asks, and answers. Ends
 * when its parent does.
 */
import { createSocket } from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import { addAddress } from "../../../src/netdev/addresses.ts";
import { findLink, setLink } from "../../../src/netdev/links.ts";
import { parseNeighbourEvent, resolveNeighbour } from "../../../src/netdev/neighbours.ts";
import { openNetlinkSocket, watchNetlink } from "../../../src/netdev/netlink-socket.ts";
import { setNexthop } from "../../../src/netdev/nexthops.ts";
import { addRoute } from "../../../src/netdev/routes.ts";
import type { MultipathTarget, PathWeights } from "../../../src/stack/multipath/engine/input-output.ts";
import { type Multipath, startMultipath } from "../../../src/stack/multipath/multipath.ts";

/** What a node is to be. */
export interface NodeSetup {
  readonly sysctls: Readonly<Record<string, string>>;
  readonly links: readonly string[];
  /** On `lo`. */
  readonly address?: string;
  readonly routes: readonly { readonly destination: string; readonly via: string; readonly link: string }[];
  /** Of a destination with several paths. */
  readonly multipath?: MultipathTarget;
}

/** What a node is asked. */
export type NodeRequest =
  | { readonly do: "set up"; readonly setup: NodeSetup }
  | { readonly do: "start multipath"; readonly interfaces: readonly string[]; readonly source: string }
  | { readonly do: "send datagrams"; readonly to: string; readonly count: number }
  | { readonly do: "tell"; readonly what: "status" | "parameter problems" }
  | { readonly do: "stop multipath" };

/** What a node says: that it is there, the answer to a request, or that it uses new weights. */
export type NodeMessage =
  | { readonly kind: "here" }
  | { readonly kind: "answer"; readonly answer: unknown }
  | { readonly kind: "weights"; readonly weights: Readonly<Record<string, number>> };

const protocol = 223;
const groupId = 100;
const socket = openNetlinkSocket();
const say = (message: NodeMessage): void => {
  process.send?.(message);
};
let target: MultipathTarget | undefined;
let multipath: Multipath | undefined;
let inForce: Readonly<Record<string, number>> = {};
let settingWeights: Promise<unknown> = Promise.resolve();

async function indexOf(name: string): Promise<number> {
  return (await findLink(socket, name))?.index ?? 0;
}

async function useWeights(weights: PathWeights | undefined): Promise<void> {
  const named = (target?.paths ?? []).map(({ interface: name }) => [name, weights?.get(name) ?? 1] as const);
  const members = named.map(([, weight], at) => ({ id: at + 1, weight }));
  await setNexthop(socket, { id: groupId, protocol, members });
  inForce = Object.fromEntries(named);
  say({ kind: "weights", weights: inForce });
}

/** The kernel sends on no path of a group whose neighbour it does not know yet, if it has another. */
async function reachable(index: number, address: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  using _watch = watchNetlink(["neighbours"], {
    message: (message) => {
      const neighbour = parseNeighbourEvent(message)?.neighbour;
      if (neighbour?.address === address && neighbour.state === "reachable") resolve(undefined);
    },
    lost: () => undefined,
  });
  await resolveNeighbour(socket, { index, address });
  await promise;
}

async function setUp(setup: NodeSetup): Promise<void> {
  for (const [name, value] of Object.entries(setup.sysctls)) writeFileSync(`/proc/sys/net/ipv6/${name}`, value);
  await setLink(socket, await indexOf("lo"), { up: true });
  for (const link of setup.links) await setLink(socket, await indexOf(link), { up: true });
  if (setup.address !== undefined) {
    await addAddress(socket, { index: await indexOf("lo"), address: setup.address, prefixLength: 128 });
  }
  for (const { destination, via, link } of setup.routes) {
    await addRoute(socket, { destination, gateway: via, index: await indexOf(link) });
  }
  target = setup.multipath;
  if (target === undefined) return;
  for (const [at, { interface: name, nextHop }] of target.paths.entries()) {
    const index = await indexOf(name);
    await reachable(index, nextHop);
    await setNexthop(socket, { id: at + 1, protocol, index, gateway: nextHop });
  }
  await useWeights(undefined);
  await addRoute(socket, {
    destination: target.destination,
    nexthopId: groupId,
    protocol,
    preferredSource: setup.address,
  });
}

async function sendDatagrams(to: string, count: number): Promise<void> {
  const udp = createSocket("udp6");
  // Each to a port of its own, as so many flows; ports that are closed say so, which does not matter here.
  const sent = Array.from({ length: count }, (_, at) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    udp.send("flow", 20_000 + at, to, resolve);
    return promise;
  });
  await Promise.all(sent);
  udp.close();
}

async function handle(request: NodeRequest): Promise<unknown> {
  switch (request.do) {
    case "set up":
      return setUp(request.setup);
    case "start multipath": {
      const { interfaces, source } = request;
      const quiet = (): void => undefined;
      const log = { debug: quiet, info: quiet, warn: console.error, error: console.error };
      multipath = await startMultipath({
        interfaces,
        source,
        targets: () => (target === undefined ? [] : [target]),
        onWeights: (_destination, weights) => {
          settingWeights = settingWeights.then(() => useWeights(weights));
        },
        seed: "two routers",
        log,
      });
      return undefined;
    }
    case "send datagrams": {
      const before = inForce;
      await sendDatagrams(request.to, request.count);
      return { before, after: inForce };
    }
    case "tell":
      if (request.what === "status") return multipath?.status();
      return Number(/Icmp6OutParmProblems\s+(\d+)/.exec(readFileSync("/proc/net/snmp6", "utf8"))?.[1]);
    case "stop multipath":
      multipath?.[Symbol.dispose]();
      await settingWeights;
      return undefined;
  }
}

process.on("message", (request) => {
  void handle(request as NodeRequest).then(
    (answer) => {
      say({ kind: "answer", answer });
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
say({ kind: "here" });
