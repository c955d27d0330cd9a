import { parseMac } from "../packet/mac.ts";
import { parseAddress } from "../packet/prefix.ts";
import { addressText, familyOf, macText } from "./address-bytes.ts";
import {
  attribute,
  type NetlinkMessage,
  netlinkRequest,
  optionalAttribute,
  parseAttributes,
  requestFlag,
} from "./netlink-message.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/** Neighbours (ARP, NDP): RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH (rtnetlink(7); Linux include/uapi/linux/neighbour.h). */

const messageType = { new: 28, delete: 29, get: 30 } as const;
const kind = { destination: 1, linkAddress: 2, index: 8 } as const;
const headerBytes = 12;
const NTF_USE = 0x01;
const NTF_ROUTER = 0x80;

const states = {
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const;
const stateNames = new Map(Object.entries(states).map(([name, number]) => [number as number, name as NeighbourState]));

/** States of RFC 4861 section 7.3.2, and the kernel's own. */
export type NeighbourState = keyof typeof states | "none";

/** A neighbour. */
export interface Neighbour {
  /** Of the interface. */
  readonly index: number;
  readonly address: string;
  /** Absent while it is not known. */
  readonly mac: string | undefined;
  readonly state: NeighbourState;
  /** IPv6: it says that it is a router. */
  readonly router: boolean;
}

/** A neighbour that is there (new, or changed), or is gone. */
export interface NeighbourEvent {
  readonly event: "present" | "gone";
  readonly neighbour: Neighbour;
}

/** Which neighbour. */
export interface NeighbourKey {
  /** Of the interface. */
  readonly index: number;
  readonly address: string;
}

/** RTM_NEWNEIGH: an entry that is there already is replaced. */
export function newNeighbourMessage(
  key: NeighbourKey & { readonly mac: string; readonly state?: NeighbourState },
): Buffer {
  const state = key.state ?? "permanent";
  return neighbourMessage(messageType.new, requestFlag.create | requestFlag.replace, key, {
    state: state === "none" ? 0 : states[state],
    mac: key.mac,
  });
}

/** RTM_NEWNEIGH that makes the kernel ask for the neighbour's MAC address, as if there were a packet for it. */
export function resolveNeighbourMessage(key: NeighbourKey): Buffer {
  return neighbourMessage(messageType.new, requestFlag.create, key, { flags: NTF_USE });
}

/** RTM_DELNEIGH. */
export function deleteNeighbourMessage(key: NeighbourKey): Buffer {
  return neighbourMessage(messageType.delete, 0, key, {});
}

/** RTM_GETNEIGH, for a dump of all neighbours or those on one interface. */
export function getNeighbourMessage(index?: number): Buffer {
  return netlinkRequest(messageType.get, 0, Buffer.alloc(headerBytes), optionalAttribute.word(kind.index, index));
}

function neighbourMessage(
  type: number,
  requestFlags: number,
  { index, address }: NeighbourKey,
  { state = 0, flags = 0, mac }: { state?: number; flags?: number; mac?: string },
): Buffer {
  const bytes = parseAddress(address);
  const body = Buffer.alloc(headerBytes);
  body[0] = familyOf(bytes);
  body.writeInt32LE(index, 4);
  body.writeUInt16LE(state, 8);
  body[10] = flags;
  return netlinkRequest(type, requestFlags, body, [
    attribute(kind.destination, bytes),
    ...optionalAttribute.bytes(kind.linkAddress, mac === undefined ? undefined : parseMac(mac)),
  ]);
}

/** What a message of the "neighbours" group or of a dump says about a neighbour; undefined for any other message. */
export function parseNeighbourEvent({ type, body }: NetlinkMessage): NeighbourEvent | undefined {
  if ((type !== messageType.new && type !== messageType.delete) || body.length < headerBytes) return undefined;
  const attributes = parseAttributes(body, headerBytes);
  // Forwarding entries of bridges have none.
  const address = addressText(attributes.get(kind.destination));
  if (address === undefined) return undefined;
  return {
    event: type === messageType.new ? "present" : "gone",
    neighbour: {
      index: body.readInt32LE(4),
      address,
      mac: macText(attributes.get(kind.linkAddress)),
      state: stateNames.get(body.readUInt16LE(8)) ?? "none",
      router: (body.readUInt8(10) & NTF_ROUTER) !== 0,
    },
  };
}

/** All neighbours of this network namespace, or those on one interface. */
export async function listNeighbours(socket: NetlinkSocket, index?: number): Promise<readonly Neighbour[]> {
  const messages = await socket.dump(getNeighbourMessage(index));
  return messages
    .flatMap((message) => parseNeighbourEvent(message)?.neighbour ?? [])
    .filter((neighbour) => index === undefined || neighbour.index === index);
}

/** Make an entry, permanent unless another state is given. Rejects with a NetlinkError, as do all operations here. */
export async function addNeighbour(
  socket: NetlinkSocket,
  neighbour: NeighbourKey & { readonly mac: string; readonly state?: NeighbourState },
): Promise<void> {
  await socket.request(newNeighbourMessage(neighbour));
}

/** Make the kernel ask for a neighbour; what comes of it is told to watchers of "neighbours". */
export async function resolveNeighbour(socket: NetlinkSocket, key: NeighbourKey): Promise<void> {
  await socket.request(resolveNeighbourMessage(key));
}

/** Delete an entry; ENOENT if there is none. */
export async function deleteNeighbour(socket: NetlinkSocket, key: NeighbourKey): Promise<void> {
  await socket.request(deleteNeighbourMessage(key));
}
