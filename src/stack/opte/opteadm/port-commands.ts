import type { Command } from "commander";
import { IpAddress } from "../engine/parse/address.ts";
import { KestrelError } from "../../../error/kestrel-error.ts";
import { type OptedClient, portPath } from "./client.ts";
import {
  commaList,
  externalIpsOf,
  type ExternalIpOptions,
  externalIpOptions,
  requireAddress,
  requirePrefix,
} from "./values.ts";

interface CreateOptions extends ExternalIpOptions {
  readonly guestMac: string;
  readonly privateIp: string;
  readonly vpcSubnet: string;
  readonly gatewayMac: string;
  readonly gatewayIp: string;
  readonly vpcVni: string;
  readonly srcUnderlayAddr: string;
  readonly mtu?: string;
  readonly hostname?: string;
  readonly hostDomain?: string;
  readonly dnsServers?: readonly string[];
  readonly domainSearchList?: readonly string[];
  readonly link?: string;
  readonly namespace?: string;
}

/** Commands that make ports and the underlay, and forget flows. */
export function portCommands(program: Command, client: OptedClient): void {
  const create = program
    .command("create-xde")
    .description("create a port: addresses of the family of the private one, a guest, and how it is attached")
    .argument("<name>")
    .requiredOption("--guest-mac <mac>")
    .requiredOption("--private-ip <address>")
    .requiredOption("--vpc-subnet <cidr>")
    .requiredOption("--gateway-mac <mac>")
    .requiredOption("--gateway-ip <address>")
    .requiredOption("--vpc-vni <number>")
    .requiredOption("--src-underlay-addr <address>", "this sled's address on the underlay")
    .option("--mtu <bytes>", "largest IP packet of the guest; 1500 unless given");
  externalIpOptions(create)
    .option("--hostname <name>")
    .option("--host-domain <domain>")
    .option("--dns-servers <addresses>", "with commas between", commaList)
    .option("--domain-search-list <domains>", "with commas between", commaList)
    .option("--link <interface>", "attach the guest that is behind this interface, instead of making a veth pair")
    .option("--namespace <name>", "move the guest's end of the pair into this network namespace")
    .action((name: string, options: CreateOptions) => client.send("POST", "/ports", portOf(name, options)));
  program
    .command("delete-xde")
    .description("delete a port with its flows")
    .argument("<name>")
    .action((name: string) => client.send("DELETE", portPath(name)));
  program
    .command("set-xde-underlay")
    .description("have these two links to the underlay; on a sled with one link, twice the same")
    .argument("<u1>")
    .argument("<u2>")
    .action((u1: string, u2: string) => client.send("PUT", "/underlay", [u1, u2]));
  program
    .command("clear-xde-underlay")
    .description("have no link to the underlay; there must be no port")
    .action(() => client.send("DELETE", "/underlay"));
  program
    .command("clear-uft")
    .description("forget the composed transforms of a port")
    .requiredOption("-p, --port <port>", "the port")
    .action(({ port }: { port: string }) => client.send("DELETE", portPath(port, "uft")));
  program
    .command("clear-lft")
    .description("forget the flows of a layer")
    .requiredOption("-p, --port <port>", "the port")
    .argument("<layer>")
    .action((layer: string, { port }: { port: string }) =>
      client.send("DELETE", portPath(port, "layers", layer, "flows")),
    );
}

function portOf(name: string, options: CreateOptions): object {
  const { family } = IpAddress.parse(requireAddress("--private-ip", options.privateIp));
  requirePrefix(options.vpcSubnet, family, `expected IPv${family} VPC subnet`);
  requireAddress("--gateway-ip", options.gatewayIp, family, `expected IPv${family} gateway IP`);
  const addresses = {
    subnet: options.vpcSubnet,
    privateIp: options.privateIp,
    gatewayIp: options.gatewayIp,
    ...externalIpsOf(options, family),
  };
  const { link, namespace } = options;
  if (link !== undefined && namespace !== undefined) {
    throw new KestrelError({
      kind: "input",
      step: "create port",
      subject: name,
      expected: "--link or --namespace",
      found: "both",
      hint: "opted moves the pairs that it makes, and no other interface",
    });
  }
  const servers = options.dnsServers ?? [];
  const serversOf = (version: 4 | 6): string[] =>
    servers.filter((text) => IpAddress.parse(requireAddress("--dns-servers", text)).family === version);
  return {
    name,
    attachment: link === undefined ? { kind: "veth", namespace } : { kind: "link", link },
    configuration: {
      guestMac: options.guestMac,
      gatewayMac: options.gatewayMac,
      vni: Number(options.vpcVni),
      underlayIp: options.srcUnderlayAddr,
      mtu: options.mtu === undefined ? undefined : Number(options.mtu),
      [`ipv${family}`]: addresses,
      dhcp: {
        hostname: options.hostname,
        domain: options.hostDomain,
        searchList: options.domainSearchList ?? [],
        dns4: serversOf(4),
        dns6: serversOf(6),
      },
    },
  };
}
