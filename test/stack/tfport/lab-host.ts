/**
 * A host of the lab: a process in a network namespace of its own, told over IPC what to do. It says every frame that its
 * interface receives and every datagram that its socket does.
 */
import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { openPacketSocket } from "../../../src/netdev/packet-socket.ts";
import { addAddress } from "../../../src/netdev/addresses.ts";
import { findLink, setLink } from "../../../src/netdev/links.ts";
import { openNetlinkSocket } from "../../../src/netdev/netlink-socket.ts";
import { addRoute } from "../../../src/netdev/routes.ts";
import { disableOffloads } from "../../../src/netdev/offload.ts";

/** What a host is told. */
export type HostOrder =
  /** Have this address, and the gateway for everything else; the interface is there already. */
  | { readonly order: "join"; readonly interface: string; readonly address: string; readonly gateway: string }
  | {
      readonly order: "datagram";
      readonly to: string;
      readonly port: number;
      readonly text: string;
      readonly hops: number;
    }
  | { readonly order: "frame"; readonly hex: string };

/** What a host says. */
export type HostReport =
  | { readonly report: "started" }
  | { readonly report: "joined"; readonly port: number; readonly mac: string }
  | { readonly report: "frame"; readonly hex: string }
  | { readonly report: "datagram"; readonly from: string; readonly text: string };

const say = (report: HostReport): void => {
  process.send?.(report);
};
const udp = createSocket("udp6");
let packets: ReturnType<typeof openPacketSocket> | undefined;

async function join(order: Extract<HostOrder, { order: "join" }>): Promise<void> {
  writeFileSync(`/proc/sys/net/ipv6/conf/${order.interface}/accept_dad`, "0");
  disableOffloads(order.interface);
  using netlink = openNetlinkSocket();
  const loopback = await findLink(netlink, "lo");
  const wire = await findLink(netlink, order.interface);
  if (loopback === undefined || wire === undefined) throw new Error("the wire is not there");
  await setLink(netlink, loopback.index, { up: true });
  await setLink(netlink, wire.index, { up: true });
  await addAddress(netlink, { index: loopback.index, address: order.address, prefixLength: 128 });
  await addRoute(netlink, { destination: "::/0", gateway: order.gateway, index: wire.index });
  packets = openPacketSocket(order.interface);
  packets.watch(() => {
    packets?.receive((bytes, start, length) => {
      say({ report: "frame", hex: Buffer.from(bytes.subarray(start, start + length)).toString("hex") });
    });
  });
  await new Promise<void>((resolve) => udp.bind(0, order.address, resolve));
  udp.on("message", (data, { address }) => {
    say({ report: "datagram", from: address, text: data.toString() });
  });
  say({ report: "joined", port: udp.address().port, mac: wire.mac ?? "" });
}

process.on("message", (order: HostOrder) => {
  if (order.order === "join") void join(order);
  else if (order.order === "datagram") {
    udp.setTTL(order.hops);
    // A datagram that cannot leave is missed where it should have arrived.
    udp.send(order.text, order.port, order.to, () => undefined);
  } else {
    const bytes = Buffer.from(order.hex, "hex");
    packets?.send(bytes, 0, bytes.length);
    packets?.flush();
  }
});
process.on("disconnect", () => process.exit());
say({ report: "started" });
