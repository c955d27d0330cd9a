import { linkLocalOfMac, parseAddress, parseMac, parsePrefix } from "../../../src/packet/index.ts";
import type { ServedSwitch } from "./dpd-fixture.ts";
import { family, type NaiveRack, portNumber } from "./naive-rack.ts";
import { portMac } from "./rack-fixture.ts";

const number = (bytes: Uint8Array): string => BigInt(`0x${Buffer.from(bytes).toString("hex")}`).toString(16);

/** What the tables of a switch must hold for the model: a line for each row, a route's targets in one line with its prefix. */
export function expectedTables(rack: NaiveRack): readonly string[] {
  const lines: string[] = [];
  for (const [prefix, targets] of rack.routes) {
    const { address, length } = parsePrefix(prefix);
    const hops = targets.map(({ portId, hop }) => {
      const action = family(prefix) === 4 && family(hop) === 6 ? "forward_v6" : "forward";
      return `${action} ${portNumber(portId).toString(16)} ${number(parseAddress(hop))}`;
    });
    lines.push(`router.v${family(prefix)} ${number(parseAddress(address))}/${length}: ${hops.join(", ")}`);
  }
  for (const [ip, { mac }] of rack.neighbors) {
    lines.push(`resolver.resolver_v${family(ip)} ${number(parseAddress(ip))}: rewrite_dst ${number(parseMac(mac))}`);
  }
  const links = [...rack.links.keys()].filter((id) => id.startsWith("rear"));
  const linkLocals = links.map((portId) => [linkLocalOfMac(portMac(portNumber(portId))), { portId }] as const);
  for (const [addr, { portId }] of [...rack.addresses, ...linkLocals]) {
    const table = `local.local_v${family(addr)} ${number(parseAddress(addr))}`;
    if (portId === undefined) lines.push(`${table} 0&0: claim`);
    else lines.push(`${table} ${portNumber(portId)}&1ff: claim`, `${table} 0&0: drop_v${family(addr)}`);
  }
  const guestData = (vni: number): string =>
    `forward_to_sled ${number(parseAddress("fd00::9"))} ${vni.toString(16)} 20000000009`;
  for (const { external, low, high, vni } of rack.nat) {
    lines.push(
      `nat.nat_v${family(external)} ${number(parseAddress(external))} ${low.toString(16)}-${high.toString(16)}: ${guestData(vni)}`,
    );
  }
  for (const [subnet, vni] of rack.attached) {
    const { address, length } = parsePrefix(subnet);
    lines.push(
      `attached.attached_subnet_v${family(subnet)} ${number(parseAddress(address))}/${length}: ${guestData(vni)}`,
    );
  }
  for (const [portId, uplink] of rack.links) {
    const port = portNumber(portId);
    lines.push(`mac.mac_rewrite ${port}: rewrite ${number(parseMac(portMac(port)))}`);
    if (uplink) lines.push(`local.uplink_ports ${port}: set_uplink`, `egress_filter.uplink_ports ${port}: allow`);
  }
  return lines.sort();
}

/** The same, of what a switch really holds. */
export function heldTables({ device }: ServedSwitch): readonly string[] {
  const { tables } = device.control.engine.state;
  const rows = new Map(
    tables.map((state) => [
      state.table.name.replace(/^ingress\./, ""),
      [...state.entries()].map((entry) => ({
        key: entry.key
          .map((one) => {
            if (one.kind === "lpm") return `${one.value.toString(16)}/${one.prefixLength}`;
            if (one.kind === "ternary") return `${one.value.toString(16)}&${one.mask.toString(16)}`;
            if (one.kind === "range") return `${one.start.toString(16)}-${one.end.toString(16)}`;
            return one.value.toString(16);
          })
          .join(" "),
        call: entry.outcome.kind === "call" ? entry.outcome.call : undefined,
      })),
    ]),
  );
  const lines: string[] = [];
  for (const [table, entries] of rows) {
    const index = /^router\.(v\d)_idx\.rtr$/.exec(table);
    if (/^router\.v\d_route\.rtr$/.test(table)) continue;
    const targets = new Map(
      (rows.get(`router.${index?.[1] ?? ""}_route.rtr`) ?? []).map(({ key, call }) => [key, callText(call)]),
    );
    for (const { key, call } of entries) {
      if (index === null) {
        lines.push(`${table} ${key}: ${callText(call)}`);
        continue;
      }
      const [first = 0n, count = 0n] = call?.data ?? [];
      const hops = Array.from({ length: Number(count) }, (_, at) => {
        const slot = (first + BigInt(at)).toString(16);
        const hop = targets.get(slot) ?? "nothing";
        targets.delete(slot);
        return hop;
      });
      lines.push(`router.${index[1] ?? ""} ${key}: ${hops.join(", ")}`);
    }
    for (const slot of targets.keys()) lines.push(`slot ${slot} of ${table} is nobody's`);
  }
  return lines.sort();
}

function callText(
  call: { readonly action: { readonly name: string }; readonly data: readonly bigint[] } | undefined,
): string {
  const name = call?.action.name ?? "";
  return [name.slice(name.lastIndexOf(".") + 1), ...(call?.data ?? []).map((value) => value.toString(16))].join(" ");
}
