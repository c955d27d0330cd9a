import { newAddressMessage } from "../netdev/addresses.ts";
import { setLinkMessage } from "../netdev/links.ts";
import { newRouteMessage } from "../netdev/routes.ts";
import type { Hardware, NetworkInterface, Operation } from "./agent-protocol.ts";
import type { Identity, PortIdentity } from "./identity.ts";
import { KestrelError } from "../error/kestrel-error.ts";

/** One operation of becoming a node, and how a person would say it. */
export interface IdentityStep {
  readonly words: string;
  readonly operation: Operation;
  /** Why it failed, in words that may say more than the error itself. */
  readonly explain?: (error: string) => string;
}

/** Where the data disk is mounted. */
const dataDirectory = "/data";
const sshDirectory = "/run/kestrel";

/**
 * All that makes the machine with this hardware the node that `identity` describes, in order. Entropy comes first:
 * nothing may be drawn from a generator that all clones share. Then the clock, names, ports, kernel parameters,
 * addresses, routes, the data disk and the SSH keys.
 *
 * @throws KestrelError (internal) naming the ports without a NIC, or the data disk that is not there
 */
export function identitySteps(identity: Identity, hardware: Hardware): readonly IdentityStep[] {
  const ports = findNics(identity.ports, hardware.interfaces);
  const indexes = new Map(ports.map(({ port, nic }) => [port.name, nic.index]));
  const indexOf = (name: string): number => indexes.get(name) ?? 0;
  return [
    { words: "seed the random generator", operation: { do: "entropy", base64: identity.seedBase64 } },
    { words: "set the clock", operation: { do: "clock", epochMs: identity.clockEpochMs } },
    { words: "set the environment", operation: { do: "environment", variables: identity.env } },
    ...nameSteps(identity),
    ...linkSteps(ports, hardware.interfaces),
    // Parameters of a port need its name, and apply to its addresses.
    ...Object.entries(identity.sysctls).map(sysctlStep),
    route("bring lo up", setLinkMessage(1, { up: true })),
    ...identity.ports.flatMap((port) => addressSteps(port, indexOf(port.name))),
    ...identity.routes.map((each) => routeStep(each, indexOf(each.port))),
    ...(identity.dataDisk ? dataDiskSteps(hardware) : []),
    ...(identity.ssh === null ? [] : sshSteps(identity.ssh)),
  ];
}

function write(path: string, text: string, mode = 0o644): IdentityStep {
  return { words: `write ${path}`, operation: { do: "write", path, text, mode, create: true } };
}

function directory(path: string, mode: number): IdentityStep {
  return { words: `make ${path}`, operation: { do: "directory", path, mode } };
}

function route(words: string, request: Buffer): IdentityStep {
  return { words, operation: { do: "route", base64: request.toString("base64") } };
}

function nameSteps({ hostname, machineId, hosts }: Identity): readonly IdentityStep[] {
  const lines = Object.entries(hosts).flatMap(([name, addresses]) => addresses.map((address) => `${address} ${name}`));
  return [
    {
      words: `call the node ${hostname}`,
      operation: { do: "write", path: "/proc/sys/kernel/hostname", text: hostname },
    },
    write("/etc/hostname", `${hostname}\n`),
    write("/etc/machine-id", `${machineId}\n`),
    write("/etc/hosts", ["127.0.0.1 localhost", "::1 localhost ip6-localhost", ...lines, ""].join("\n")),
  ];
}

interface NamedNic {
  readonly port: PortIdentity;
  readonly nic: NetworkInterface;
}

function findNics(ports: readonly PortIdentity[], present: readonly NetworkInterface[]): readonly NamedNic[] {
  const found = ports.map((port) => ({
    port,
    nic: present.find(({ mac }) => mac === port.templateMac) ?? present.find(({ mac }) => mac === port.mac),
  }));
  const missing = found.flatMap(({ port, nic }) => (nic === undefined ? [port] : []));
  if (missing.length === 0) return found.flatMap(({ port, nic }) => (nic === undefined ? [] : [{ port, nic }]));
  throw new KestrelError({
    kind: "internal",
    step: "name the ports",
    subject: missing.map(({ name }) => name).join(", "),
    expected: `NICs with the MACs ${missing.map(({ templateMac }) => templateMac).join(", ")}`,
    found: "none",
  });
}

/** Give the NIC of each port the port's name, MAC and MTU. */
function linkSteps(ports: readonly NamedNic[], present: readonly NetworkInterface[]): readonly IdentityStep[] {
  const taken = new Set(ports.flatMap(({ port, nic }) => (port.name === nic.name ? [] : [port.name])));
  return [
    // Addresses are the topology's and known to be unique: probing for duplicates would only delay their use.
    ...ports.map(({ nic }): IdentityStep => ({
      words: `leave out duplicate address detection on ${nic.name}`,
      operation: { do: "write", path: `/proc/sys/net/ipv6/conf/${nic.name}/accept_dad`, text: "0" },
    })),
    // A name that another interface still has: that one gives it up first, and gets its own below if it is a port.
    ...present.flatMap(({ name, index }) =>
      taken.has(name) ? [route(`free the name ${name}`, setLinkMessage(index, { name: `spare${index}` }))] : [],
    ),
    ...ports.flatMap(linkStep),
  ];
}

/** Only what is to change: the kernel refuses some of it for a port that is up already, even when nothing changes. */
function linkStep({ port: { name, mac, mtu }, nic }: NamedNic): readonly IdentityStep[] {
  const change = {
    name: name === nic.name ? undefined : name,
    mac: mac === nic.mac ? undefined : mac,
    mtu,
  };
  if (change.name === undefined && change.mac === undefined && mtu === undefined) return [];
  return [route(`name port ${name}`, setLinkMessage(nic.index, change))];
}

function addressSteps({ name, addresses, up }: PortIdentity, index: number): readonly IdentityStep[] {
  return [
    ...addresses.map((text) => {
      const [address = "", length] = text.split("/");
      const request = newAddressMessage({ index, address, prefixLength: Number(length) });
      return route(`give ${name} the address ${text}`, request);
    }),
    ...(up ? [route(`bring ${name} up`, setLinkMessage(index, { up: true }))] : []),
  ];
}

function routeStep({ to, via }: Identity["routes"][number], index: number): IdentityStep {
  const request = newRouteMessage({ destination: to, gateway: via, index });
  return route(`add the route to ${to} via ${via}`, request);
}

/**
 * A kernel parameter by name. As for sysctl(8), dots separate the parts of a name, or slashes where the first separator
 * is one: `net/ipv4/conf/net0.7/rp_filter`.
 */
function sysctlStep([name, value]: readonly [string, string]): IdentityStep {
  const slash = name.indexOf("/");
  const dot = name.indexOf(".");
  const path = slash >= 0 && (dot < 0 || slash < dot) ? name : name.replaceAll(".", "/");
  return {
    words: `${name} = ${value}`,
    operation: { do: "write", path: `/proc/sys/${path}`, text: value },
    explain: (error) => (error.startsWith("ENOENT") ? "this kernel has no parameter of that name" : error),
  };
}

function dataDiskSteps({ disks }: Hardware): readonly IdentityStep[] {
  const disk = disks.find(({ serial }) => serial === "data");
  if (disk === undefined)
    throw new KestrelError({ kind: "internal", step: "mount the data disk", found: "no disk has the serial data" });
  return [
    directory(dataDirectory, 0o755),
    {
      words: "mount the data disk",
      operation: { do: "mount", source: `/dev/${disk.name}`, target: dataDirectory, type: "ext4" },
    },
  ];
}

function sshSteps({ hostKeyEd25519, authorizedKey }: NonNullable<Identity["ssh"]>): readonly IdentityStep[] {
  const configuration = [
    `HostKey ${sshDirectory}/ssh_host_ed25519_key`,
    `AuthorizedKeysFile ${sshDirectory}/authorized_keys`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "PrintMotd no",
    "Subsystem sftp internal-sftp",
    "",
  ];
  return [
    directory(sshDirectory, 0o700),
    directory("/run/sshd", 0o755),
    write(`${sshDirectory}/ssh_host_ed25519_key`, hostKeyEd25519, 0o600),
    write(`${sshDirectory}/authorized_keys`, `${authorizedKey.trim()}\n`, 0o600),
    write(`${sshDirectory}/sshd_config`, configuration.join("\n"), 0o600),
  ];
}
