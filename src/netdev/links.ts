import { parseMac } from "../packet/mac.ts";
import { macText } from "./address-bytes.ts";
import {
  type Attributes,
  attribute,
  byteOf,
  nestedAttribute,
  type NetlinkMessage,
  netlinkRequest,
  optionalAttribute,
  parseAttributes,
  requestFlag,
  textOf,
  wordOf,
} from "./netlink-message.ts";
import { NetlinkError } from "./netlink-error.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/** Interfaces: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK (rtnetlink(7); Linux include/uapi/linux/if_link.h). */

const messageType = { new: 16, delete: 17, get: 18, set: 19, newProperty: 108 } as const;
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_LOWER_UP = 0x10000;
const kind = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  operState: 16,
  linkInfo: 18,
  netNamespacePid: 19,
  familySettings: 26,
  netNamespaceFd: 28,
  carrier: 33,
  propertyList: 52,
  alternativeName: 53,
} as const;
const infoKind = { kind: 1, data: 2 } as const;
const VETH_INFO_PEER = 1;
const AF_INET6 = 10;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const addressGenerationModes = { eui64: 0, none: 1, "stable-privacy": 2, random: 3 } as const;

/** States of RFC 2863, as the kernel numbers them. */
const operStates = ["unknown", "not-present", "down", "lower-layer-down", "testing", "dormant", "up"] as const;

/** An interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** Absent where the interface has none of six bytes. */
  readonly mac: string | undefined;
  readonly mtu: number;
  /** Whether it was set up by an administrator. */
  readonly up: boolean;
  /** Whether there is a signal; never while the interface is not up. */
  readonly carrier: boolean;
  readonly operState: (typeof operStates)[number];
  readonly loopback: boolean;
  /** What made it: `veth`, `tun`, …; absent for hardware. */
  readonly kind: string | undefined;
  /** The bridge or bond it belongs to. */
  readonly masterIndex: number | undefined;
  /** The interface beneath it, or the other end of a veth pair; in its own namespace's numbers. */
  readonly lowerIndex: number | undefined;
}

/** What to change of an interface; what is left out stays. */
export interface LinkChange {
  readonly name?: string | undefined;
  /** `02:00:00:00:00:01`. */
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  readonly up?: boolean | undefined;
  /**
   * Have everybody told now that the interface carries nothing: of a carrier that is lost the kernel tells up to a second
   * late, to be spared storms of such news (Linux, link_watch.c). It is up again with the carrier.
   */
  readonly operState?: "dormant" | undefined;
  /** How the kernel forms the link-local address; `none` for no such address. */
  readonly addressGeneration?: keyof typeof addressGenerationModes | undefined;
  /** Move it to the network namespace of this process. */
  readonly netNamespacePid?: number | undefined;
  /** Move it to the network namespace that this descriptor is open on. */
  readonly netNamespaceFd?: number | undefined;
}

/** An interface that is there (new, or changed), or is gone. */
export interface LinkEvent {
  readonly event: "present" | "gone";
  readonly link: Link;
}

/** RTM_SETLINK for the interface with this index. */
export function setLinkMessage(index: number, change: LinkChange): Buffer {
  return netlinkRequest(messageType.set, 0, linkHeader(index, change.up), changeAttributes(change));
}

/** What a new interface begins with; more is set when it is there. */
export type NewLink = Pick<LinkChange, "mac" | "mtu"> & { readonly name: string };

/** RTM_NEWLINK for a veth pair. */
export function newVethMessage(one: NewLink, other: NewLink): Buffer {
  const peer = nestedAttribute(VETH_INFO_PEER, changeAttributes(other), linkHeader(0));
  const info = [attribute(infoKind.kind, Buffer.from("veth")), nestedAttribute(infoKind.data, [peer])];
  return netlinkRequest(messageType.new, requestFlag.create | requestFlag.exclusive, linkHeader(0), [
    ...changeAttributes(one),
    nestedAttribute(kind.linkInfo, info),
  ]);
}

/** RTM_DELLINK. */
export function deleteLinkMessage(index: number): Buffer {
  return netlinkRequest(messageType.delete, 0, linkHeader(index));
}

/** RTM_GETLINK: of one interface by name, or, as a dump, of all. */
export function getLinkMessage(name?: string): Buffer {
  return netlinkRequest(messageType.get, 0, linkHeader(0), optionalAttribute.text(kind.name, name));
}

function linkHeader(index: number, up?: boolean): Buffer {
  const body = Buffer.alloc(16);
  body.writeInt32LE(index, 4);
  if (up !== undefined) {
    body.writeUInt32LE(up ? IFF_UP : 0, 8);
    body.writeUInt32LE(IFF_UP, 12);
  }
  return body;
}

function changeAttributes(change: LinkChange): readonly Buffer[] {
  const { addressGeneration: mode } = change;
  const ipv6 = mode === undefined ? [] : [attribute(IFLA_INET6_ADDR_GEN_MODE, Buffer.of(addressGenerationModes[mode]))];
  return [
    ...optionalAttribute.text(kind.name, change.name),
    ...optionalAttribute.bytes(kind.address, change.mac === undefined ? undefined : parseMac(change.mac)),
    ...optionalAttribute.word(kind.mtu, change.mtu),
    ...optionalAttribute.bytes(kind.operState, change.operState && Buffer.of(operStates.indexOf(change.operState))),
    ...optionalAttribute.word(kind.netNamespacePid, change.netNamespacePid),
    ...optionalAttribute.word(kind.netNamespaceFd, change.netNamespaceFd),
    ...(mode === undefined ? [] : [nestedAttribute(kind.familySettings, [nestedAttribute(AF_INET6, ipv6)])]),
  ];
}

/** What a message of the "links" group or of a dump says about an interface; undefined for any other message. */
export function parseLinkEvent({ type, body }: NetlinkMessage): LinkEvent | undefined {
  if ((type !== messageType.new && type !== messageType.delete) || body.length < 16) return undefined;
  const attributes = parseAttributes(body, 16);
  const flags = body.readUInt32LE(8);
  const link: Link = {
    index: body.readInt32LE(4),
    name: textOf(attributes, kind.name) ?? "",
    mac: macText(attributes.get(kind.address)),
    mtu: wordOf(attributes, kind.mtu) ?? 0,
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    operState: operStates[byteOf(attributes, kind.operState) ?? 0] ?? "unknown",
    loopback: (flags & IFF_LOOPBACK) !== 0,
    kind: textOf(linkInfo(attributes), infoKind.kind),
    masterIndex: wordOf(attributes, kind.master),
    lowerIndex: wordOf(attributes, kind.link),
  };
  return { event: type === messageType.new ? "present" : "gone", link };
}

function linkInfo(attributes: Attributes): Attributes {
  return parseAttributes(attributes.get(kind.linkInfo) ?? Buffer.alloc(0));
}

/** All interfaces of this network namespace. */
export async function listLinks(socket: NetlinkSocket): Promise<readonly Link[]> {
  const messages = await socket.dump(getLinkMessage());
  return messages.flatMap((message) => parseLinkEvent(message)?.link ?? []);
}

/** The interface of this name; undefined if there is none. */
export async function findLink(socket: NetlinkSocket, name: string): Promise<Link | undefined> {
  try {
    const messages = await socket.request(getLinkMessage(name));
    return messages.flatMap((message) => parseLinkEvent(message)?.link ?? [])[0];
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "ENODEV") return undefined;
    throw error;
  }
}

/** Change an interface. Rejects with a {@link NetlinkError}, as do all operations here. */
export async function setLink(socket: NetlinkSocket, index: number, change: LinkChange): Promise<void> {
  await socket.request(setLinkMessage(index, change));
}

/** Make a veth pair, and set what is wanted of its ends; if that fails there is no pair. */
export async function createVeth(
  socket: NetlinkSocket,
  one: LinkChange & { readonly name: string },
  other: LinkChange & { readonly name: string },
): Promise<void> {
  const first = ({ name, mac, mtu }: LinkChange & { readonly name: string }): NewLink => ({ name, mac, mtu });
  await socket.request(newVethMessage(first(one), first(other)));
  const ends = [await findLink(socket, one.name), await findLink(socket, other.name)];
  try {
    for (const [at, { addressGeneration, up, netNamespacePid, netNamespaceFd }] of [one, other].entries()) {
      // The kernel takes the way of forming addresses only for an interface that exists, and too late once it is up.
      await setLink(socket, ends[at]?.index ?? 0, { addressGeneration });
      await setLink(socket, ends[at]?.index ?? 0, { up, netNamespacePid, netNamespaceFd });
    }
  } catch (error) {
    await deleteLink(socket, ends[0]?.index ?? 0).catch(() => undefined);
    throw error;
  }
}

/** RTM_NEWLINKPROP for a further name of an interface. */
export function alternativeNameMessage(index: number, name: string): Buffer {
  const names = optionalAttribute.text(kind.alternativeName, name);
  const flags = requestFlag.create | requestFlag.exclusive | requestFlag.append;
  return netlinkRequest(messageType.newProperty, flags, linkHeader(index, undefined), [
    nestedAttribute(kind.propertyList, names),
  ]);
}

/** Give an interface a further name, by which it is found like by its own. Rejects with EEXIST when some interface has it. */
export async function addAlternativeName(socket: NetlinkSocket, index: number, name: string): Promise<void> {
  await socket.request(alternativeNameMessage(index, name));
}

/** Delete an interface; of a veth pair both ends go. */
export async function deleteLink(socket: NetlinkSocket, index: number): Promise<void> {
  await socket.request(deleteLinkMessage(index));
}
