import { stringify } from "yaml";
import type { DocumentPath } from "../document/index.ts";
import {
  canonicalAddress,
  contains,
  formatPrefix,
  isLinkLocal,
  linkLocalOf,
  networkOf,
  parsePrefix,
} from "./addresses.ts";
import { deriveMac, deriveSeed } from "./derivation.ts";
import type { FlatNode } from "./flat-topology.ts";
import type { FaultLog } from "./fault-log.ts";
import { nicClasses, nodeKinds, type NodeKind } from "./kinds.ts";
import type { Attachment, DiskPlan, FilePlan, NodePlan, PortPlan, ReadyCondition, RoutePlan } from "./plan.ts";
import type { NodeDeclaration } from "./schema.ts";
import { formatMebibytes, parseMebibytes, parseMilliseconds } from "./units.ts";

const defaultTimeoutMs = 30_000;

/** What a node's resolution takes from the rest of the topology. */
export interface NodeContext {
  readonly topology: string;
  readonly seed: number;
  /** What each port (`node:port`) is plugged into. */
  readonly attachments: ReadonlyMap<string, Attachment>;
  readonly after: NodePlan["after"];
}

/** Resolve one node; what is wrong with it on its own is reported. */
export function resolveNode(node: FlatNode, context: NodeContext, log: FaultLog): NodePlan {
  const { name, body } = node;
  const kindName = body.kind ?? "host";
  const kind: NodeKind = nodeKinds[kindName];
  const ports = resolvePorts(node, kind, context);
  const onDisk = kind.boots === "disk";
  const fittingClass = nicClasses.find((size) => size >= ports.length);
  checkBoot(node, kind, log);
  const dataDisk = body.dataDisk ?? kind.dataDisk;
  return {
    name,
    kind: kindName,
    machine: onDisk || fittingClass === undefined ? "q35" : "microvm",
    nicClass: onDisk || fittingClass === undefined ? ports.length : fittingClass,
    image: onDisk ? null : (body.image ?? kind.image),
    disk: onDisk ? resolveDisk(body) : null,
    memoryMiB: resolveMemory(node, kind, log),
    cpus: Number(body.cpus ?? kind.cpus),
    dataDiskMiB: dataDisk === null ? null : parseMebibytes(dataDisk),
    ports,
    routes: resolveRoutes(node, ports, log),
    sysctls: { ...kind.sysctls, ...switches(body.sysctls) },
    env: texts(body.env),
    files: Object.entries(body.files ?? {})
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, file]) => resolveFile(path, file)),
    commands: body.commands ?? [],
    services: [],
    after: context.after,
    ready: (body.ready ?? []).map(resolveCondition),
    seed: deriveSeed(context.seed, "node", name),
  };
}

function checkBoot(node: FlatNode, kind: NodeKind, log: FaultLog): void {
  const { body, sources } = node;
  if (kind.boots === "disk") {
    if (body.disk === undefined && !log.isDamaged(sources, ["disk"])) {
      log.report(
        sources,
        ["kind"],
        'a node of kind vm needs a "disk"',
        "name a qcow2 or raw image: disk: debian.qcow2",
      );
    }
    if (body.image !== undefined && body.disk !== undefined) {
      log.report(sources, ["image"], "a node of kind vm boots its disk, not an image", 'remove "image"', "key");
    }
    return;
  }
  for (const key of ["disk", "cloudInit"] as const) {
    if (body[key] === undefined) continue;
    log.report(sources, [key], `"${key}" is for nodes of kind vm only`, 'write "kind: vm", or remove it', "key");
  }
}

function resolveMemory({ body, sources, declaredPath }: FlatNode, kind: NodeKind, log: FaultLog): number {
  const memoryMiB = parseMebibytes(body.memory ?? kind.memory);
  if (memoryMiB < kind.minimumMemoryMiB) {
    const least = formatMebibytes(kind.minimumMemoryMiB);
    const message = `expected at least ${least} of memory, found ${formatMebibytes(memoryMiB)}`;
    log.report(sources, declaredPath(["memory"]), message, "with less the kernel hangs before it says anything");
  }
  return memoryMiB;
}

function resolvePorts({ name, ports }: FlatNode, kind: NodeKind, { topology, attachments }: NodeContext): PortPlan[] {
  return [...ports].map(([port, body], slot) => {
    const mac = (body.mac ?? deriveMac(topology, name, port)).toLowerCase();
    return {
      name: port,
      slot,
      mac,
      addresses: (body.addresses ?? []).flatMap((entry) => {
        const prefix = parsePrefix(typeof entry === "string" ? entry : entry.address);
        return prefix === undefined ? [] : [formatPrefix(prefix)];
      }),
      linkLocal: linkLocalOf(mac),
      mtu: Number(body.mtu ?? kind.mtu),
      attachment: attachments.get(`${name}:${port}`) ?? { type: "none" },
    };
  });
}

function resolveRoutes(node: FlatNode, ports: readonly PortPlan[], log: FaultLog): RoutePlan[] {
  const { body, sources, declaredPath } = node;
  const seen = new Map<string, number>();
  return (body.routes ?? []).flatMap((route, index) => {
    const place = (key: string): DocumentPath => declaredPath(["routes", index, key]);
    const via = canonicalAddress(route.via) ?? route.via;
    const family = via.includes(":") ? 6 : 4;
    const to = parsePrefix(route.to === "default" ? (family === 6 ? "::/0" : "0.0.0.0/0") : route.to);
    if (to === undefined) return [];
    if (to.family !== family) {
      log.report(sources, place("via"), `the next hop of ${route.to} is of the other IP version, found ${route.via}`);
    }
    const network = networkOf(to);
    if (network.address !== to.address) {
      const message = `expected a prefix without host bits, found ${route.to}`;
      log.report(sources, place("to"), message, `did you mean ${formatPrefix(network)}?`);
    }
    const twin = seen.get(formatPrefix(network));
    if (twin !== undefined) log.report(sources, place("to"), `there are two routes to ${route.to}`);
    seen.set(formatPrefix(network), index);
    const port = resolvePort(node, ports, route.port, via, place, log);
    return port === undefined ? [] : [{ to: formatPrefix(network), via, port }];
  });
}

function resolvePort(
  { name, sources }: FlatNode,
  ports: readonly PortPlan[],
  declared: string | undefined,
  via: string,
  place: (key: string) => DocumentPath,
  log: FaultLog,
): string | undefined {
  const names = ports.map((port) => port.name);
  if (declared !== undefined) {
    if (names.includes(declared)) return declared;
    const message = `the node ${name} has no port ${JSON.stringify(declared)}`;
    log.report(sources, place("port"), message, names.length === 0 ? undefined : `its ports: ${names.join(", ")}`);
    return undefined;
  }
  const port = ports.find(({ addresses }) =>
    addresses.some((address) => {
      const prefix = parsePrefix(address);
      return prefix !== undefined && contains(prefix, via);
    }),
  );
  if (port !== undefined) return port.name;
  // An address that was left out as faulty may well be the one that the next hop is near.
  if (log.isDamaged(sources, ["ports"])) return undefined;
  if (isLinkLocal(via))
    log.report(sources, place("via"), `the link-local next hop ${via} needs a port`, "add port: NAME");
  else {
    const nets = ports.flatMap(({ addresses }) => addresses).join(", ");
    const hint = nets === "" ? `${name} has no addresses` : `${name} has ${nets}`;
    log.report(sources, place("via"), `no port of ${name} is on the network of the next hop ${via}`, hint);
  }
  return undefined;
}

function resolveDisk({ disk, cloudInit }: FlatNode["body"]): DiskPlan {
  return {
    path: disk ?? "",
    cloudInit:
      cloudInit === undefined
        ? null
        : {
            userData: configText(cloudInit.userData, "#cloud-config\n"),
            metaData: configText(cloudInit.metaData, ""),
            networkConfig: configText(cloudInit.networkConfig, ""),
          },
  };
}

function configText(config: string | object | undefined, header: string): string | null {
  if (config === undefined) return null;
  return typeof config === "string" ? config : header + stringify(config, { sortMapEntries: true });
}

function resolveFile(path: string, file: NonNullable<NodeDeclaration["files"]>[string]): FilePlan {
  if (typeof file === "string") return { path, mode: 0o644, content: file };
  const mode = Number.parseInt(file.mode ?? "644", 8);
  return "content" in file ? { path, mode, content: file.content } : { path, mode, from: file.from };
}

function resolveCondition(condition: NonNullable<NodeDeclaration["ready"]>[number]): ReadyCondition {
  const timeoutMs = condition.timeout === undefined ? defaultTimeoutMs : parseMilliseconds(condition.timeout);
  if ("command" in condition) return { type: "command", command: condition.command, timeoutMs };
  if ("file" in condition) return { type: "file", path: condition.file, timeoutMs };
  const address = condition.address ?? "localhost";
  if ("tcp" in condition) return { type: "tcp", port: Number(condition.tcp), address, timeoutMs };
  const { http, path = "/", json = {} } = condition;
  return { type: "http", port: Number(http), address, path, json, fact: null, timeoutMs };
}

type SettingValues = Readonly<Record<string, string | number | boolean>>;

/** The kernel knows switches as 0 and 1. */
function switches(values: SettingValues = {}): Record<string, string> {
  return texts(
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, typeof value === "boolean" ? Number(value) : value]),
    ),
  );
}

function texts(values: SettingValues = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
