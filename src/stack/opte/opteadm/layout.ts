import { textTable } from "../../../text/columns.ts";
import type { FlowValue, LayerDump, PortValue, UftDump } from "../opted/api/values.ts";
import { protocolName } from "../engine/parse/flow-key.ts";
import { IpAddress } from "../engine/parse/address.ts";
import type { SledState } from "../opted/sled-state.ts";
import { filterText } from "../engine/host/multicast.ts";

/** The texts of opteadm's lists and dumps, columns and headings as the reference has them (specification, section 4.1). */

const thick = "=".repeat(70);
const thin = "-".repeat(70);
const none = "None";

/** A table under a title that is underlined; without rows the headings stand alone. */
function section(title: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [title, thin, textTable(headings, rows)].join("\n");
}

/** `list-ports`: by number, further floating addresses below the first, then an empty row. */
export function portsText(ports: readonly PortValue[]): string {
  const headings = [
    "LINK",
    "MAC ADDRESS",
    "IPv4 ADDRESS",
    "EPHEMERAL IPv4",
    "FLOATING IPv4",
    "IPv6 ADDRESS",
    "EXTERNAL IPv6",
    "FLOATING IPv6",
    "STATE",
  ];
  return textTable(headings, ports.toSorted(byNumber).flatMap(portRows));
}

function portRows({ name, mac, ipv4, ipv6, state }: PortValue): readonly (readonly string[])[] {
  const [floating4, floating6] = [ipv4?.floating ?? [], ipv6?.floating ?? []];
  const first = [
    name,
    mac,
    ipv4?.address ?? none,
    ipv4?.ephemeral ?? none,
    floating4[0] ?? none,
    ipv6?.address ?? none,
    ipv6?.ephemeral ?? none,
    floating6[0] ?? none,
    state,
  ];
  const further = Math.max(floating4.length, floating6.length) - 1;
  if (further <= 0) return [first];
  const rows = Array.from({ length: further }, (_, at) => [
    ...["", "", "", "", floating4[at + 1] ?? ""],
    ...["", "", floating6[at + 1] ?? "", ""],
  ]);
  return [first, ...rows, []];
}

function byNumber(a: PortValue, b: PortValue): number {
  const number = ({ name }: PortValue): number => Number(/\d+$/.exec(name)?.[0] ?? Infinity);
  return number(a) - number(b) || (a.name < b.name ? -1 : 1);
}

/** `dump-layer`. */
export function layerText(port: string, layer: string, dump: LayerDump): string {
  const flows = (title: string, { flows: rows }: LayerDump["in"]): string =>
    section(
      title,
      ["PROTO", "SRC IP", "SPORT/TY", "DST IP", "DPORT", "HITS", "ACTION"],
      rows.map(({ flow, hits, action }) => [...flowCells(flow), String(hits), action]),
    );
  const rules = (title: string, side: LayerDump["in"]): string =>
    section(
      title,
      ["ID", "PRI", "HITS", "PREDICATES", "ACTION"],
      [...side.rules.flatMap(ruleRows), ["DEF", "--", String(side.defaultHits), "--", quoted(side.defaultAction)]],
    );
  return [
    `Port ${port} - Layer ${layer}`,
    thick,
    flows("Inbound Flows", dump.in),
    "",
    flows("Outbound Flows", dump.out),
    "",
    rules("Inbound Rules", dump.in),
    "",
    rules("Outbound Rules", dump.out),
    "",
  ].join("\n");
}

function ruleRows({ id, priority, hits, predicates, action }: LayerDump["in"]["rules"][number]): string[][] {
  const [first = "*", ...further] = predicates;
  const row = [String(id), String(priority), String(hits), first, quoted(action)];
  return further.length === 0 ? [row] : [row, ...further.map((predicate) => ["", "", "", predicate, ""]), []];
}

function quoted(action: string): string {
  return `"${action}"`;
}

function flowCells({ protocol, source, destination, sourcePort, destinationPort, icmp }: FlowValue): string[] {
  const name = protocolName(protocol);
  if (icmp !== undefined) return [name, source, `${hex(icmp.type)}/${hex(icmp.code)}`, destination, String(icmp.id)];
  const isPorted = protocol === 6 || protocol === 17;
  const port = (number: number): string => (isPorted ? String(number) : "N/A");
  return [name, source, port(sourcePort), destination, port(destinationPort)];
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** `dump-uft`. */
export function uftText(dump: UftDump): string {
  const side = (title: string, { limit, flows }: UftDump["in"]): string =>
    section(
      `${title}: ${flows.length}/${limit}`,
      ["PROTO", "SRC IP", "SPORT/TY", "DST IP", "DPORT", "HITS", "XFORMS"],
      flows.map(({ flow, hits, transforms }) => [...flowCells(flow), String(hits), transforms]),
    );
  return [side("UFT Inbound", dump.in), "", side("UFT Outbound", dump.out)].join("\n");
}

function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** Two tables under a title, one for each family. */
function byFamily<Item>(
  title: string,
  unit: "mappings" | "groups",
  items: readonly Item[],
  addressOf: (item: Item) => string,
  headings: readonly string[],
  rowOf: (item: Item) => readonly string[],
): string {
  return [title, thick, ...families(unit, items, addressOf, headings, rowOf)].join("\n");
}

function families<Item>(
  unit: string,
  items: readonly Item[],
  addressOf: (item: Item) => string,
  headings: readonly string[],
  rowOf: (item: Item) => readonly string[],
): readonly string[] {
  return ([4, 6] as const).flatMap((family) => {
    const own = items.filter((item) => familyOf(addressOf(item)) === family).toSorted(by(addressOf));
    return ["", section(`IPv${family} ${unit}`, headings, own.map(rowOf))];
  });
}

/** Order by address or prefix. */
function by<Item>(addressOf: (item: Item) => string): (a: Item, b: Item) => number {
  const bytes = (item: Item): Buffer => Buffer.from(IpAddress.parse(addressOf(item).split("/")[0] ?? "").bytes);
  return (a, b) => Buffer.compare(bytes(a), bytes(b)) || (addressOf(a) < addressOf(b) ? -1 : 1);
}

/** `dump-v2p`. */
export function v2pText(entries: SledState["v2p"]): string {
  const networks = [...Map.groupBy(entries, ({ vni }) => vni)].toSorted(([a], [b]) => a - b);
  return [
    "Virtual to Physical Mappings",
    thick,
    ...networks.flatMap(([vni, own]) => [
      "",
      `VPC ${vni}`,
      thin,
      ...families(
        "mappings",
        own,
        ({ ip }) => ip,
        ["VPC_IP", "VPC MAC ADDR", "UNDERLAY IP"],
        ({ ip, mac, underlay }) => [ip, mac, underlay],
      ),
    ]),
  ].join("\n");
}

/** `dump-v2b`. */
export function v2bText(entries: SledState["v2b"]): string {
  const items = entries.flatMap(({ prefix, endpoints }) => endpoints.map((endpoint) => ({ prefix, endpoint })));
  return byFamily(
    "Virtual to Boundary Mappings",
    "mappings",
    items,
    ({ prefix }) => prefix,
    ["TUNNELED PREFIX", "BOUNDARY IP", "VNI"],
    ({ prefix, endpoint }) => [prefix, endpoint, "99"],
  );
}

/** `dump-m2p`. */
export function m2pText(entries: SledState["m2p"]): string {
  return byFamily(
    "Multicast to Physical Mappings (M2P)",
    "groups",
    entries,
    ({ group }) => group,
    ["OVERLAY GROUP", "UNDERLAY MCAST"],
    ({ group, underlay }) => [group, underlay],
  );
}

/** `dump-mcast-fwd`. */
export function forwardingText(entries: SledState["forwarding"]): string {
  const rows = entries.map(({ underlay, nextHop, vni, replication, filter }) => [
    underlay,
    nextHop,
    String(vni),
    replication,
    filterOf(filter),
  ]);
  const headings = ["GROUP IP", "UNDERLAY IP", "VNI", "REPLICATION", "FILTER"];
  return ["Multicast Forwarding Table", thick, textTable(headings, rows)].join("\n");
}

/** `dump-mcast-subs`. */
export function subscriptionsText(entries: SledState["subscriptions"]): string {
  const rows = entries.map(({ group, port, filter }) => [group, port, filterOf(filter)]);
  return ["Multicast Subscriptions", thick, textTable(["UNDERLAY GROUP", "PORT", "FILTER"], rows)].join("\n");
}

function filterOf({ mode, sources }: SledState["forwarding"][number]["filter"]): string {
  return filterText({ mode, sources: sources.map((text) => IpAddress.parse(text)) });
}
