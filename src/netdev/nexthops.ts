import { parseAddress } from "../packet/prefix.ts";
import { addressText, family, familyOf } from "./address-bytes.ts";
import {
  attribute,
  type NetlinkMessage,
  netlinkRequest,
  optionalAttribute,
  parseAttributes,
  requestFlag,
  wordOf,
} from "./netlink-message.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/**
 * Nexthop objects: RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP (Linux include/uapi/linux/nexthop.h). Many routes share an
 * object, and a change of a group's weights is one message, whatever routes use it.
 *
 * When an interface is set down or loses its carrier, the kernel deletes the objects that use it, takes them out of groups, and
 * deletes groups that are left empty and the routes of those; it tells nobody on the "nexthops" group. Who made them hears of
 * it on "links" and makes them anew when the carrier is back.
 */

const messageType = { new: 104, delete: 105, get: 106 } as const;
const kind = { id: 1, group: 2, blackhole: 4, outputInterface: 5, gateway: 6 } as const;
const headerBytes = 8;
const memberBytes = 8;

/** The greatest weight of a member of a group; the least is 1. */
export const maxNexthopWeight = 255;

/** One way out. */
export interface SingleNexthop {
  readonly id: number;
  /** Who made it; as for routes. */
  readonly protocol: number;
  /** Of the interface. */
  readonly index: number;
  readonly gateway?: string | undefined;
}

/** Several ways out that share the traffic. */
export interface NexthopGroup {
  readonly id: number;
  readonly protocol: number;
  readonly members: readonly NexthopMember[];
}

/** A member of a group. */
export interface NexthopMember {
  /** Of a {@link SingleNexthop}. */
  readonly id: number;
  /** 1…{@link maxNexthopWeight}. */
  readonly weight: number;
}

/** A nexthop object; of another kind (blackhole, …) it has neither interface nor members. */
export type Nexthop = SingleNexthop | NexthopGroup | { readonly id: number; readonly protocol: number };

/** An object that is there (new, or changed), or is gone. */
export interface NexthopEvent {
  readonly event: "present" | "gone";
  readonly nexthop: Nexthop;
}

/** RTM_NEWNEXTHOP: make the object, or replace the one with its id. Throws a RangeError for a weight that cannot be. */
export function newNexthopMessage(nexthop: SingleNexthop | NexthopGroup): Buffer {
  const body = Buffer.alloc(headerBytes);
  body[2] = nexthop.protocol;
  const flags = requestFlag.create | requestFlag.replace;
  if ("members" in nexthop) {
    return netlinkRequest(messageType.new, flags, body, [
      ...optionalAttribute.word(kind.id, nexthop.id),
      attribute(kind.group, Buffer.concat(nexthop.members.map(memberEntry))),
    ]);
  }
  const gateway = nexthop.gateway === undefined ? undefined : parseAddress(nexthop.gateway);
  body[0] = gateway === undefined ? family.ipv6 : familyOf(gateway);
  return netlinkRequest(messageType.new, flags, body, [
    ...optionalAttribute.word(kind.id, nexthop.id),
    ...optionalAttribute.word(kind.outputInterface, nexthop.index),
    ...optionalAttribute.bytes(kind.gateway, gateway),
  ]);
}

/** RTM_DELNEXTHOP; routes and groups lose it with it. */
export function deleteNexthopMessage(id: number): Buffer {
  return netlinkRequest(messageType.delete, 0, Buffer.alloc(headerBytes), optionalAttribute.word(kind.id, id));
}

/** RTM_GETNEXTHOP, for a dump of all objects. */
export function getNexthopMessage(): Buffer {
  return netlinkRequest(messageType.get, 0, Buffer.alloc(headerBytes));
}

function memberEntry({ id, weight }: NexthopMember): Buffer {
  // Kernels since 6.12 would take more, older ones not.
  if (!Number.isInteger(weight) || weight < 1 || weight > maxNexthopWeight) {
    throw new RangeError(`weight of nexthop ${id}: expected 1 to ${maxNexthopWeight}, found ${weight}`);
  }
  const entry = Buffer.alloc(memberBytes);
  entry.writeUInt32LE(id, 0);
  entry.writeUInt8(weight - 1, 4);
  return entry;
}

/** What a message of the "nexthops" group or of a dump says about an object; undefined for any other message. */
export function parseNexthopEvent({ type, body }: NetlinkMessage): NexthopEvent | undefined {
  if ((type !== messageType.new && type !== messageType.delete) || body.length < headerBytes) return undefined;
  const attributes = parseAttributes(body, headerBytes);
  const id = wordOf(attributes, kind.id);
  if (id === undefined) return undefined;
  const protocol = body.readUInt8(2);
  const group = attributes.get(kind.group);
  const index = wordOf(attributes, kind.outputInterface);
  const nexthop =
    group !== undefined
      ? { id, protocol, members: membersOf(group) }
      : index !== undefined
        ? { id, protocol, index, gateway: addressText(attributes.get(kind.gateway)) }
        : { id, protocol };
  return { event: type === messageType.new ? "present" : "gone", nexthop };
}

function membersOf(group: Buffer): readonly NexthopMember[] {
  return Array.from({ length: Math.floor(group.length / memberBytes) }, (_, at) => ({
    id: group.readUInt32LE(at * memberBytes),
    weight: group.readUInt8(at * memberBytes + 4) + 1,
  }));
}

/** The nexthop objects of this network namespace, or those that one protocol made. */
export async function listNexthops(socket: NetlinkSocket, protocol?: number): Promise<readonly Nexthop[]> {
  const messages = await socket.dump(getNexthopMessage());
  return messages
    .flatMap((message) => parseNexthopEvent(message)?.nexthop ?? [])
    .filter((nexthop) => protocol === undefined || nexthop.protocol === protocol);
}

/** Make a nexthop object, or replace the one with its id. Rejects with a NetlinkError, as do all operations here. */
export async function setNexthop(socket: NetlinkSocket, nexthop: SingleNexthop | NexthopGroup): Promise<void> {
  await socket.request(newNexthopMessage(nexthop));
}

/** Delete a nexthop object; ENOENT if there is none. */
export async function deleteNexthop(socket: NetlinkSocket, id: number): Promise<void> {
  await socket.request(deleteNexthopMessage(id));
}
