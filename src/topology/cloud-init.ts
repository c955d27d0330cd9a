import { parseDocument, stringify } from "yaml";
import type { NodePlan, PortPlan } from "./plan.ts";

/** The NIC through which a foreign machine is managed; it is no port of the topology. */
export interface ManagementPort {
  readonly name: string;
  readonly mac: string;
}

/**
 * The network-config of a cloud-init NoCloud seed which gives the ports of a node their names, addresses and routes; the
 * management NIC asks for DHCP and takes no routes from it. What the user declares goes before the ports; the management
 * NIC is added to it, in version 1 or 2 as it is written, since the machine could not be reached otherwise.
 */
export function renderNetworkConfig(node: NodePlan, management?: ManagementPort): string {
  const declared = node.disk?.cloudInit?.networkConfig;
  if (declared !== undefined && declared !== null)
    return management === undefined ? declared : withManagement(declared, management);
  const ports = Object.fromEntries(node.ports.map((port) => [port.name, ethernet(node, port)]));
  const ethernets = management === undefined ? ports : { [management.name]: managementEthernet(management), ...ports };
  return stringify({ version: 2, ethernets });
}

function ethernet(node: NodePlan, port: PortPlan): object {
  const routes = node.routes.filter((route) => route.port === port.name).map(({ to, via }) => ({ to, via }));
  return {
    match: { macaddress: port.mac },
    "set-name": port.name,
    // A port may be left without a cable, which must not hold up the boot.
    optional: true,
    mtu: port.mtu,
    dhcp4: port.attachment.type === "user",
    ...(port.addresses.length === 0 ? {} : { addresses: port.addresses }),
    ...(routes.length === 0 ? {} : { routes }),
  };
}

function managementEthernet({ name, mac }: ManagementPort): object {
  const overrides = { "use-routes": false, "use-dns": false };
  return { match: { macaddress: mac }, "set-name": name, dhcp4: true, "dhcp4-overrides": overrides };
}

/** A network-config as people write it: at the top, or below `network`. */
interface NetworkConfig {
  readonly version?: unknown;
  readonly network?: NetworkConfig;
  readonly config?: readonly unknown[];
  readonly ethernets?: object;
}

function withManagement(declared: string, management: ManagementPort): string {
  const text = parseDocument(declared);
  const document = text.toJS() as NetworkConfig | null;
  // What is no YAML is the guest's to complain about.
  if (text.errors.length > 0 || document === null || typeof document !== "object") return declared;
  const { network } = document;
  return stringify(network === undefined ? addTo(document, management) : { network: addTo(network, management) });
}

function addTo(config: NetworkConfig, management: ManagementPort): NetworkConfig {
  const { name, mac } = management;
  if (config.version === 2)
    return { ...config, ethernets: { [name]: managementEthernet(management), ...config.ethernets } };
  if (config.version !== 1) return config;
  const nic = { type: "physical", name, mac_address: mac, subnets: [{ type: "dhcp4" }] };
  return { ...config, config: [...(config.config ?? []), nic] };
}
