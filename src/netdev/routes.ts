import { parseAddress, parsePrefix } from "../packet/prefix.ts";
import { addressText, family, familyOf } from "./address-bytes.ts";
import {
  type Attributes,
  attribute,
  type NetlinkMessage,
  netlinkRequest,
  optionalAttribute,
  parseAttributes,
  requestFlag,
  wordOf,
} from "./netlink-message.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";

/** Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE (rtnetlink(7); Linux include/uapi/linux/rtnetlink.h). */

const messageType = { new: 24, delete: 25, get: 26 } as const;
const kind = {
  destination: 1,
  outputInterface: 4,
  gateway: 5,
  priority: 6,
  preferredSource: 7,
  multipath: 9,
  table: 15,
  via: 18,
  nexthopId: 30,
} as const;
const headerBytes = 12;
const RT_TABLE_MAIN = 254;
const RTM_F_CLONED = 0x200;
const scope = { universe: 0, link: 253, nowhere: 255 } as const;
/** The protocol number of routes that an administrator made. */
export const staticProtocol = 4;

const routeTypes = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
} as const;
const typeNames = new Map(Object.entries(routeTypes).map(([name, number]) => [number as number, name]));

/** A route of the kernel. */
export interface Route {
  /** `fd00::/64`; `::/0` or `0.0.0.0/0` for the default route. */
  readonly destination: string;
  readonly table: number;
  /** Who made it: 2 kernel, 4 static, 223 ddmd, … */
  readonly protocol: number;
  /** `unicast`, `local`, …; a number for a type without a name here. */
  readonly type: string;
  /** Of several for a destination the lowest is used; 0 where none is given. */
  readonly metric: number;
  readonly preferredSource: string | undefined;
  /** The nexthop object or group that it uses; what the object holds is told again in `hops`. */
  readonly nexthopId: number | undefined;
  /** One, or for several paths each. */
  readonly hops: readonly RouteHop[];
}

/** One way out. */
export interface RouteHop {
  readonly gateway: string | undefined;
  /** Of the interface. */
  readonly index: number | undefined;
  /** Share among the paths, 1…256. */
  readonly weight: number;
}

/** A route to make. With `nexthopId` neither gateway nor interface is given. */
export interface RouteSpec {
  readonly destination: string;
  /** {@link staticProtocol} unless given. */
  readonly protocol?: number | undefined;
  /** Main (254) unless given. */
  readonly table?: number | undefined;
  /** The kernel's choice unless given: 0 for IPv4, 1024 for IPv6. */
  readonly metric?: number | undefined;
  readonly preferredSource?: string | undefined;
  readonly nexthopId?: number | undefined;
  /** May be IPv6 for an IPv4 destination. */
  readonly gateway?: string | undefined;
  /** Of the interface. */
  readonly index?: number | undefined;
  /** `unicast` unless given. */
  readonly type?: keyof typeof routeTypes | undefined;
}

/** What becomes of a route that is there already: an error, replaced, or joined by another path. */
export type RouteMode = "create" | "replace" | "append";

const modeFlags = {
  create: requestFlag.create | requestFlag.exclusive,
  replace: requestFlag.create | requestFlag.replace,
  append: requestFlag.create | requestFlag.append,
} as const;

/** A route that is there (new, or changed), or is gone. */
export interface RouteEvent {
  readonly event: "present" | "gone";
  readonly route: Route;
}

/** RTM_NEWROUTE. */
export function newRouteMessage(spec: RouteSpec, mode: RouteMode = "replace"): Buffer {
  const direct = spec.gateway === undefined && spec.nexthopId === undefined && (spec.type ?? "unicast") === "unicast";
  return routeMessage(messageType.new, modeFlags[mode], spec, direct ? scope.link : scope.universe);
}

/** RTM_DELROUTE: of the routes that fit, one. */
export function deleteRouteMessage(spec: RouteSpec): Buffer {
  return routeMessage(messageType.delete, 0, spec, scope.nowhere);
}

/** RTM_GETROUTE for a dump; the kernel leaves out what does not fit. */
export function getRouteMessage({ addressFamily, protocol, table }: RouteFilter = {}): Buffer {
  const body = Buffer.alloc(headerBytes);
  body[0] = addressFamily === undefined ? family.unspecified : addressFamily === 4 ? family.ipv4 : family.ipv6;
  body[5] = protocol ?? 0;
  return netlinkRequest(messageType.get, 0, body, optionalAttribute.word(kind.table, table));
}

function routeMessage(type: number, flags: number, spec: RouteSpec, routeScope: number): Buffer {
  const { address, length } = parsePrefix(spec.destination);
  const destination = parseAddress(address);
  const table = spec.table ?? RT_TABLE_MAIN;
  const body = Buffer.alloc(headerBytes);
  body[0] = familyOf(destination);
  body[1] = length;
  body[4] = table < 256 ? table : 0;
  body[5] = spec.protocol ?? (type === messageType.new ? staticProtocol : 0);
  body[6] = routeScope;
  body[7] = spec.type === undefined && type === messageType.delete ? 0 : routeTypes[spec.type ?? "unicast"];
  const source = spec.preferredSource;
  return netlinkRequest(type, flags, body, [
    ...optionalAttribute.bytes(kind.destination, length === 0 ? undefined : destination),
    ...optionalAttribute.word(kind.table, table),
    ...optionalAttribute.word(kind.priority, spec.metric),
    ...optionalAttribute.bytes(kind.preferredSource, source === undefined ? undefined : parseAddress(source)),
    ...optionalAttribute.word(kind.nexthopId, spec.nexthopId),
    ...gatewayAttribute(spec.gateway, destination),
    ...optionalAttribute.word(kind.outputInterface, spec.index),
  ]);
}

function gatewayAttribute(gateway: string | undefined, destination: Uint8Array): readonly Buffer[] {
  if (gateway === undefined) return [];
  const bytes = parseAddress(gateway);
  if (bytes.length === destination.length) return [attribute(kind.gateway, bytes)];
  return [attribute(kind.via, Buffer.of(familyOf(bytes), 0, ...bytes))];
}

/** What a message of the "routes" group or of a dump says about a route; undefined for any other message. */
export function parseRouteEvent({ type, body }: NetlinkMessage): RouteEvent | undefined {
  if ((type !== messageType.new && type !== messageType.delete) || body.length < headerBytes) return undefined;
  const ipv4 = body[0] === family.ipv4;
  if (!ipv4 && body[0] !== family.ipv6) return undefined;
  // What the kernel remembers about single destinations is no route.
  if ((body.readUInt32LE(8) & RTM_F_CLONED) !== 0) return undefined;
  const attributes = parseAttributes(body, headerBytes);
  const address = addressText(attributes.get(kind.destination)) ?? (ipv4 ? "0.0.0.0" : "::");
  const typeNumber = body.readUInt8(7);
  return {
    event: type === messageType.new ? "present" : "gone",
    route: {
      destination: `${address}/${body.readUInt8(1)}`,
      table: wordOf(attributes, kind.table) ?? body.readUInt8(4),
      protocol: body.readUInt8(5),
      type: typeNames.get(typeNumber) ?? String(typeNumber),
      metric: wordOf(attributes, kind.priority) ?? 0,
      preferredSource: addressText(attributes.get(kind.preferredSource)),
      nexthopId: wordOf(attributes, kind.nexthopId),
      hops: hopsOf(attributes),
    },
  };
}

function hopsOf(attributes: Attributes): readonly RouteHop[] {
  const multipath = attributes.get(kind.multipath);
  const index = wordOf(attributes, kind.outputInterface);
  const gateway = gatewayOf(attributes);
  if (multipath === undefined)
    return index === undefined && gateway === undefined ? [] : [{ gateway, index, weight: 1 }];
  const hops: RouteHop[] = [];
  // struct rtnexthop: length, flags, hops (weight less one), interface; then attributes.
  for (let at = 0; at + 8 <= multipath.length;) {
    const length = multipath.readUInt16LE(at);
    if (length < 8 || at + length > multipath.length) break;
    const own = parseAttributes(multipath.subarray(at + 8, at + length));
    hops.push({
      gateway: gatewayOf(own),
      index: multipath.readInt32LE(at + 4),
      weight: multipath.readUInt8(at + 3) + 1,
    });
    at += (length + 3) & ~3;
  }
  return hops;
}

function gatewayOf(attributes: Attributes): string | undefined {
  return addressText(attributes.get(kind.gateway)) ?? addressText(attributes.get(kind.via)?.subarray(2));
}

/** Which routes; all that is left out fits. */
export interface RouteFilter {
  readonly addressFamily?: 4 | 6 | undefined;
  readonly protocol?: number | undefined;
  readonly table?: number | undefined;
}

/** The routes of this network namespace that fit. */
export async function listRoutes(socket: NetlinkSocket, filter: RouteFilter = {}): Promise<readonly Route[]> {
  const messages = await socket.dump(getRouteMessage(filter));
  return messages
    .flatMap((message) => parseRouteEvent(message)?.route ?? [])
    .filter(
      ({ protocol, table }) =>
        (filter.protocol === undefined || protocol === filter.protocol) &&
        (filter.table === undefined || table === filter.table),
    );
}

/** Make a route; what becomes of one that is there, `mode` says. Rejects with a NetlinkError, as do all operations here. */
export async function addRoute(socket: NetlinkSocket, spec: RouteSpec, mode: RouteMode = "create"): Promise<void> {
  await socket.request(newRouteMessage(spec, mode));
}

/** Delete a route; ESRCH if none fits. */
export async function deleteRoute(socket: NetlinkSocket, spec: RouteSpec): Promise<void> {
  await socket.request(deleteRouteMessage(spec));
}
