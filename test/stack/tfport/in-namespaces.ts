/** In a network namespace with nothing in it: the switch, dpd, tfportd and two hosts; prints what happened as JSON. */
import { setImmediate } from "node:timers/promises";
import { deleteNeighbour } from "../../../src/netdev/neighbours.ts";
import { openNetlinkSocket } from "../../../src/netdev/netlink-socket.ts";
import { findLink, listLinks, setLink } from "../../../src/netdev/links.ts";
import { listAddresses } from "../../../src/netdev/addresses.ts";
import {
  ethernet,
  icmpv6,
  type Icmpv6Message,
  ipv6,
  type Layer,
  linkLocalOfMac,
  type Packet,
  packet,
  payload,
  verifyChecksums,
} from "../../../src/packet/index.ts";
import { requestApi } from "../../../src/stack/daemon/request.ts";
import { tfportConfiguration } from "../../../src/stack/tfport/configuration.ts";
import { ensureCpuInterface } from "../../../src/stack/tfport/cpu-interface.ts";
import { runTfportd } from "../../../src/stack/tfport/run-tfportd.ts";
import { Happenings, LabHost } from "./lab.ts";
import { type LabPort, LabSwitch } from "./lab-switch.ts";

const ports: readonly LabPort[] = [
  { id: "rear0", number: 1, mac: "a8:40:25:00:00:01" },
  { id: "rear1", number: 2, mac: "a8:40:25:00:00:02" },
];

await using cleanUp = new AsyncDisposableStack();
const netlink = cleanUp.use(openNetlinkSocket());
const happenings = new Happenings();
const logged: string[] = [];
const take = (...words: readonly unknown[]): void => {
  logged.push(JSON.stringify(words));
  happenings.happened();
};
const log = { debug: () => undefined, info: take, warn: take, error: take };

await setLink(netlink, 1, { up: true });
const hosts: LabHost[] = [];
for (const { id, number, mac } of ports) {
  const address = `fd00:1122:3344:10${number}::1`;
  hosts.push(cleanUp.use(await LabHost.join(netlink, happenings, { nic: id, switchMac: mac, address })));
}
const [one, two] = hosts as [LabHost, LabHost];
const configuration = tfportConfiguration.parse({
  icmpSource: { ipv6: "fd00:1122:3344:1f0::1" },
  listen: { host: "::1", port: 0 },
});
// Whoever comes first makes the pair.
await ensureCpuInterface(netlink, configuration);
const rack = cleanUp.use(await LabSwitch.start(ports, log));
const route = async (): Promise<void> => {
  await rack.route("fd00:1122:3344:101::/64", "rear0", linkLocalOfMac(one.mac));
  await rack.route("fd00:1122:3344:102::/64", "rear1", linkLocalOfMac(two.mac));
  await rack.route("fd00:1122:3344:103::/64", "rear1", "fe80::dead");
};
await route();
const tfportd = await runTfportd({ ...configuration, dpd: { host: "::1", port: rack.dpdPort } }, log);
const own = async (path: string): Promise<unknown> => {
  const { body } = await requestApi({ host: "::1", port: tfportd.port }, { method: "GET", path, timeoutMs: 20_000 });
  return JSON.parse(body);
};

const until = happenings.until.bind(happenings);
const tfports = async (): Promise<readonly string[]> =>
  (await listLinks(netlink)).map(({ name }) => name).filter((name) => name.startsWith("tfport"));
const isLogged = (text: string): true | undefined => (logged.some((line) => line.includes(text)) ? true : undefined);
await until("tfportrear0_0", () => isLogged('"tfportrear0_0"'));
await until("tfportrear1_0", () => isLogged('"tfportrear1_0"'));
const links = (await listLinks(netlink)).filter(({ name }) => name.startsWith("tfport"));
const addresses = (await listAddresses(netlink)).filter(({ index }) => links.some((link) => link.index === index));

// The very first packets between the two, before anybody has a MAC address of anybody.
for (const text of ["first", "second", "third"]) one.send(two, text);
await until("three datagrams", () => (two.datagrams.length >= 3 ? true : undefined));
const datagrams = [...two.datagrams];

/** The first ICMPv6 message of a kind that a host received from now on, after `act`. */
async function answer(host: LabHost, act: () => void, message: Icmpv6Message["message"]): Promise<readonly Layer[]> {
  const seen = host.frames.length;
  act();
  const isIt = (found: Packet): boolean => found.find("icmpv6")?.message === message;
  const found = await until(message, () => host.frames.slice(seen).find(isIt));
  const faults = verifyChecksums(found);
  if (faults.length > 0) throw new Error(`wrong checksums: ${JSON.stringify(faults)}`);
  return found.layers;
}
const tooFar = await answer(
  one,
  () => {
    one.send(two, "too far", 1);
  },
  "time-exceeded",
);
const nowhere = { address: "fd00:1122:3344:909::1", port: 9 };
const noRoute = await answer(
  one,
  () => {
    one.send(nowhere, "to nowhere");
  },
  "destination-unreachable",
);
const ping = packet(
  ethernet({ dst: "a8:40:25:00:00:01", src: one.mac }),
  ipv6({ src: linkLocalOfMac(one.mac), dst: linkLocalOfMac("a8:40:25:00:00:01") }),
  icmpv6({ message: "echo-request", identifier: 7, sequence: 9 }),
  payload("to the switch"),
);
const pong = await answer(
  one,
  () => {
    one.sendFrame(ping);
  },
  "echo-reply",
);
const silent = { address: "fd00:1122:3344:103::1", port: 9 };
const noAnswer = await answer(
  one,
  () => {
    one.send(silent, "to nobody");
  },
  "destination-unreachable",
);
const counters = await own("/counters");
const portList = await own("/ports");

/** Ask again and again until it is so: for what nobody tells by itself. */
async function agreed(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while (!(await isSo())) {
    if (deadline.aborted) throw new Error(`expected ${what} within 30 s`);
    // The kernel answers at once: without a turn of the event loop nobody else would have one.
    await setImmediate();
  }
}
/** dpd has these neighbours and no others. */
async function mirrored(...expected: readonly string[]): Promise<void> {
  await agreed(`dpd to have ${expected.join(", ")}`, async () => {
    const found = await rack.neighbours();
    return expected.length === found.length && expected.every((ip) => found.includes(ip));
  });
}
const [ip1, ip2] = [linkLocalOfMac(one.mac), linkLocalOfMac(two.mac)];
await mirrored(ip1, ip2);

// A neighbour that the kernel forgets is forgotten by dpd, and asked for again when it is needed.
const index2 = (await findLink(netlink, "tfportrear1_0"))?.index ?? 0;
await deleteNeighbour(netlink, { index: index2, address: ip2 });
await mirrored(ip1);
one.send(two, "fourth");
await until("a fourth datagram", () => (two.datagrams.includes("fourth") ? true : undefined));
await mirrored(ip1, ip2);

// Without a signal nothing is waited for.
const nic = (await findLink(netlink, "rear1"))?.index ?? 0;
await setLink(netlink, nic, { up: false });
await mirrored(ip1);
const noCarrier = await answer(
  one,
  () => {
    one.send(two, "into the dark");
  },
  "destination-unreachable",
);
const carriers = [
  (await findLink(netlink, "tfportrear0_0"))?.carrier,
  (await findLink(netlink, "tfportrear1_0"))?.carrier,
];
await setLink(netlink, nic, { up: true });
await agreed("the carrier to be back", async () => (await findLink(netlink, "tfportrear1_0"))?.carrier === true);
one.send(two, "fifth");
await until("a fifth datagram", () => (two.datagrams.includes("fifth") ? true : undefined));

// dpd goes and comes back knowing nothing; the interfaces stay.
await rack.stopDpd();
await until("dpd to be missed", () => isLogged("dpd cannot be reached"));
const meanwhile = await tfports();
await rack.startDpd();
await route();
await mirrored(ip1, ip2);
const stayed = (await findLink(netlink, "tfportrear1_0"))?.index === index2;
one.send(two, "sixth");
await until("a sixth datagram", () => (two.datagrams.includes("sixth") ? true : undefined));

// A link less is an interface less.
await rack.call("DELETE", "/ports/rear1/links/0");
await until("the port to go", () => isLogged('[{"interface":"tfportrear1_0"},"port removed"]'));
await mirrored(ip1);
const fewer = await tfports();

await tfportd[Symbol.asyncDispose]();
const left = await tfports();
console.log(
  JSON.stringify({
    ...{ links, addresses, datagrams, tooFar, noRoute, pong, noAnswer, noCarrier, counters, portList, carriers },
    ...{ meanwhile, stayed, fewer, left, macs: [one.mac, two.mac], logged },
  }),
);
