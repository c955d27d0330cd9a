/** In a network namespace of its own: makes, changes, watches and deletes every kind of object, and prints what came of it. */
import { addAddress, deleteAddress, listAddresses, parseAddressEvent } from "../../src/netdev/addresses.ts";
import { createVeth, deleteLink, findLink, listLinks, parseLinkEvent, setLink } from "../../src/netdev/links.ts";
import {
  addNeighbour,
  deleteNeighbour,
  listNeighbours,
  parseNeighbourEvent,
  resolveNeighbour,
} from "../../src/netdev/neighbours.ts";
import { NetlinkError } from "../../src/netdev/netlink-error.ts";
import { openNetlinkSocket, watchNetlink } from "../../src/netdev/netlink-socket.ts";
import { deleteNexthop, listNexthops, parseNexthopEvent, setNexthop } from "../../src/netdev/nexthops.ts";
import { addRoute, deleteRoute, listRoutes, parseRouteEvent } from "../../src/netdev/routes.ts";

const heard: string[] = [];
const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
const hear = (text: string): void => {
  heard.push(text);
  for (const each of waiting) if (each.text === text) each.resolve();
};
const told = (text: string): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (heard.includes(text)) return Promise.resolve();
  waiting.push({
    text,
    resolve: () => {
      resolve(undefined);
    },
  });
  return promise;
};
const watch = watchNetlink(["links", "addresses", "neighbours", "routes", "nexthops"], {
  message: (message) => {
    const link = parseLinkEvent(message);
    if (link !== undefined) hear(`${link.link.name} ${link.event} ${link.link.carrier ? "carrier" : "no carrier"}`);
    const address = parseAddressEvent(message);
    if (address !== undefined) hear(`${address.address.address} ${address.event}`);
    const neighbour = parseNeighbourEvent(message);
    if (neighbour !== undefined) hear(`${neighbour.neighbour.address} ${neighbour.event} ${neighbour.neighbour.state}`);
    const route = parseRouteEvent(message);
    if (route !== undefined) hear(`${route.route.destination} ${route.event}`);
    const nexthop = parseNexthopEvent(message);
    if (nexthop !== undefined) hear(`nexthop ${nexthop.nexthop.id} ${nexthop.event}`);
  },
  lost: () => {
    hear("lost");
  },
});
const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "done",
    (error: unknown) =>
      error instanceof NetlinkError
        ? { code: error.code, message: error.message }
        : `${String(error)} (no NetlinkError)`,
  );

const socket = openNetlinkSocket();
const mac = "02:00:00:00:00:0a";
await createVeth(
  socket,
  { name: "va", mac, mtu: 9000, addressGeneration: "eui64" },
  { name: "vb", mac: "02:00:00:00:00:0b", mtu: 9000, addressGeneration: "none" },
);
await createVeth(socket, { name: "wa", addressGeneration: "none" }, { name: "wb", addressGeneration: "none" });
const lo = (await findLink(socket, "lo"))?.index ?? 0;
const va = await findLink(socket, "va");
const index = va?.index ?? 0;
const other = (await findLink(socket, "wa"))?.index ?? 0;
await setLink(socket, lo, { up: true });
for (const name of ["va", "vb", "wa", "wb"]) {
  await setLink(socket, (await findLink(socket, name))?.index ?? 0, { up: true });
}
await told("va present carrier");
const links = await listLinks(socket);

await addAddress(socket, { index, address: "fd00::1", prefixLength: 64 });
await addAddress(socket, { index, address: "10.1.0.1", prefixLength: 24 });
const addresses = await listAddresses(socket, index);
await told("fd00::1 present");

await setNexthop(socket, { id: 1, protocol: 223, index, gateway: "fe80::b" });
await setNexthop(socket, { id: 2, protocol: 223, index: other, gateway: "fe80::c" });
await setNexthop(socket, { id: 9, protocol: 4, index, gateway: "fe80::d" });
const group = { id: 5, protocol: 223, members: [1, 2].map((id) => ({ id, weight: 10 * id })) };
await setNexthop(socket, group);
await addRoute(
  socket,
  { destination: "fd00:1::/48", nexthopId: 5, protocol: 223, metric: 100, preferredSource: "fd00::1" },
  "replace",
);
await addRoute(socket, { destination: "fd00:2::/48", gateway: "fe80::b", index, protocol: 223 });
await addRoute(socket, { destination: "fd00:2::/48", gateway: "fe80::c", index: other, protocol: 223 }, "append");
await addRoute(socket, { destination: "10.2.0.0/16", gateway: "10.1.0.254", index });
await addRoute(socket, { destination: "10.3.0.0/16", gateway: "fe80::b", index, protocol: 223 });
await addRoute(socket, { destination: "fd00:3::/48", type: "unreachable", protocol: 223 });
const nexthops = await listNexthops(socket, 223);
const routes = await listRoutes(socket, { protocol: 223 });
const ipv4Routes = await listRoutes(socket, { addressFamily: 4, table: 254 });
// New weights are one message, and the route follows.
await setNexthop(socket, { ...group, members: group.members.map(({ id }) => ({ id, weight: id === 1 ? 255 : 1 })) });
const reweighted = (await listRoutes(socket, { protocol: 223 })).find(
  ({ destination }) => destination === "fd00:1::/48",
);

const refused = {
  exists: await refusal(addRoute(socket, { destination: "fd00:2::/48", gateway: "fe80::b", index })),
  unreachableGateway: await refusal(addRoute(socket, { destination: "10.9.0.0/16", gateway: "192.0.2.1", index })),
  tooHeavy: await refusal(setNexthop(socket, { ...group, members: [{ id: 1, weight: 256 }] })),
  emptyGroup: await refusal(setNexthop(socket, { ...group, members: [] })),
  noSuchRoute: await refusal(deleteRoute(socket, { destination: "fd00:77::/48" })),
  noSuchLink: await refusal(setLink(socket, 9999, { up: true })),
};
const absent = (await findLink(socket, "nowhere")) === undefined;

await addNeighbour(socket, { index, address: "fe80::b", mac: "02:00:00:00:00:0b" });
await addNeighbour(socket, { index, address: "10.1.0.9", mac: "02:00:00:00:00:0b", state: "reachable" });
const neighbours = (await listNeighbours(socket, index)).filter(({ address }) => !address.startsWith("ff"));
await deleteNeighbour(socket, { index, address: "10.1.0.9" });
await resolveNeighbour(socket, { index, address: "fd00::77" });
// The kernel tells no change for it: it has only begun to ask.
const asked = (await listNeighbours(socket, index)).find(({ address }) => address === "fd00::77");

// Many at once are each answered with their own.
const together = await Promise.all([
  listLinks(socket),
  listRoutes(socket, { protocol: 223 }),
  refusal(setLink(socket, 9999, { up: true })),
  listNexthops(socket),
]);

const vb = (await findLink(socket, "vb"))?.index ?? 0;
heard.length = 0;
await setLink(socket, vb, { up: false });
await told("va present no carrier");
const withoutCarrier = await listNexthops(socket, 223);
await addRoute(socket, { destination: "fd00:2::/48", gateway: "fe80::d", index: other, protocol: 223 }, "append");
await deleteRoute(socket, { destination: "fd00:2::/48", protocol: 223, gateway: "fe80::c", index: other });
const oneHop = (await listRoutes(socket, { protocol: 223 })).find(({ destination }) => destination === "fd00:2::/48");
await deleteNexthop(socket, 5);
await told("nexthop 5 gone");
await deleteAddress(socket, { index, address: "fd00::1", prefixLength: 64 });
await told("fd00::1 gone");
await deleteLink(socket, index);
await told("va gone no carrier");
await told("vb gone no carrier");

// A listener with hardly any room that is busy meanwhile loses messages, and is told.
const { promise: overflowed, resolve: onLost } = Promise.withResolvers<string>();
const deaf = watchNetlink(
  ["routes"],
  {
    message: () => undefined,
    lost: () => {
      onLost("lost");
    },
  },
  { receiveBufferBytes: 1 },
);
const many = Array.from({ length: 200 }, (_, at) => `fd00:4:${at.toString(16)}::/48`);
await Promise.all(many.map((destination) => addRoute(socket, { destination, type: "unreachable", protocol: 222 })));
const overflow = await overflowed;
deaf[Symbol.dispose]();
const dumped = (await listRoutes(socket, { protocol: 222 })).length;

const pending = refusal(socket.dump(Buffer.alloc(16)));
socket[Symbol.dispose]();
watch[Symbol.dispose]();
const closed = await refusal(listLinks(socket));
await pending;
console.log(
  JSON.stringify({
    va,
    links,
    addresses,
    nexthops,
    routes,
    ipv4Routes,
    reweighted,
    refused,
    absent,
    neighbours,
    asked,
    together: [together[0].length, together[1].length, together[2], together[3].length],
    withoutCarrier,
    oneHop,
    overflow,
    dumped,
    closed,
    indexes: { lo, va: index, wa: other },
  }),
);
