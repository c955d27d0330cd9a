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

/** Addresses of interfaces: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR (rtnetlink(7); Linux include/uapi/linux/if_addr.h). */

const messageType = { new: 20, delete: 21, get: 22 } as const;
const kind = { address: 1, local: 2, flags: 8 } as const;
const addressFlag = { noDuplicateDetection: 0x02, duplicate: 0x08, tentative: 0x40, permanent: 0x80 } as const;
const IFA_F_NOPREFIXROUTE = 0x200;
const headerBytes = 8;

/** An address of an interface. */
export interface InterfaceAddress {
  /** Of the interface. */
  readonly index: number;
  readonly address: string;
  readonly prefixLength: number;
  /** 0 global, 253 link, 254 host. */
  readonly scope: number;
  /** Duplicate address detection has not ended: it cannot be used yet. */
  readonly tentative: boolean;
  /** Another station has it. */
  readonly duplicate: boolean;
  readonly permanent: boolean;
}

/** An address that is there (new, or changed), or is gone. */
export interface AddressEvent {
  readonly event: "present" | "gone";
  readonly address: InterfaceAddress;
}

/** An address to give or take. */
export interface AddressSpec {
  /** Of the interface. */
  readonly index: number;
  readonly address: string;
  readonly prefixLength: number;
  /** IPv6: use it at once, without looking for duplicates; true unless given. */
  readonly skipDuplicateDetection?: boolean;
  /** Make no route to the prefix. */
  readonly noPrefixRoute?: boolean;
}

/** RTM_NEWADDR; the address may be there already. */
export function newAddressMessage(spec: AddressSpec): Buffer {
  const bytes = parseAddress(spec.address);
  // The flag that switches duplicate address detection off exists for IPv6 alone.
  const skip = bytes.length === 16 && (spec.skipDuplicateDetection ?? true);
  const flags = (skip ? addressFlag.noDuplicateDetection : 0) | (spec.noPrefixRoute === true ? IFA_F_NOPREFIXROUTE : 0);
  return netlinkRequest(messageType.new, requestFlag.create | requestFlag.replace, header(spec, bytes), [
    attribute(kind.local, bytes),
    attribute(kind.address, bytes),
    ...optionalAttribute.word(kind.flags, flags === 0 ? undefined : flags),
  ]);
}

/** RTM_DELADDR. */
export function deleteAddressMessage(spec: AddressSpec): Buffer {
  const bytes = parseAddress(spec.address);
  return netlinkRequest(messageType.delete, 0, header(spec, bytes), [
    attribute(kind.local, bytes),
    attribute(kind.address, bytes),
  ]);
}

/** RTM_GETADDR, for a dump of all addresses. */
export function getAddressMessage(): Buffer {
  return netlinkRequest(messageType.get, 0, Buffer.alloc(headerBytes));
}

function header({ index, prefixLength }: AddressSpec, bytes: Uint8Array): Buffer {
  const body = Buffer.alloc(headerBytes);
  body[0] = familyOf(bytes);
  body[1] = prefixLength;
  body.writeUInt32LE(index, 4);
  return body;
}

/** What a message of the "addresses" group or of a dump says about an address; undefined for any other message. */
export function parseAddressEvent({ type, body }: NetlinkMessage): AddressEvent | undefined {
  if ((type !== messageType.new && type !== messageType.delete) || body.length < headerBytes) return undefined;
  const attributes = parseAttributes(body, headerBytes);
  // On a point-to-point link "address" is the other end's and "local" ours; IPv6 usually has "address" alone.
  const text = addressText(attributes.get(kind.local) ?? attributes.get(kind.address));
  if (text === undefined) return undefined;
  const flags = wordOf(attributes, kind.flags) ?? body.readUInt8(2);
  return {
    event: type === messageType.new ? "present" : "gone",
    address: {
      index: body.readUInt32LE(4),
      address: text,
      prefixLength: body.readUInt8(1),
      scope: body.readUInt8(3),
      // IPv4 has no such detection and its flags mean other things.
      tentative: body[0] === family.ipv6 && (flags & addressFlag.tentative) !== 0,
      duplicate: body[0] === family.ipv6 && (flags & addressFlag.duplicate) !== 0,
      permanent: (flags & addressFlag.permanent) !== 0,
    },
  };
}

/** All addresses of this network namespace, or those of one interface. */
export async function listAddresses(socket: NetlinkSocket, index?: number): Promise<readonly InterfaceAddress[]> {
  const messages = await socket.dump(getAddressMessage());
  return messages
    .flatMap((message) => parseAddressEvent(message)?.address ?? [])
    .filter((address) => index === undefined || address.index === index);
}

/** Give an interface an address. Rejects with a NetlinkError, as do all operations here. */
export async function addAddress(socket: NetlinkSocket, spec: AddressSpec): Promise<void> {
  await socket.request(newAddressMessage(spec));
}

/** Take an address from an interface. */
export async function deleteAddress(socket: NetlinkSocket, spec: AddressSpec): Promise<void> {
  await socket.request(deleteAddressMessage(spec));
}
