import { z } from "zod";
import type { Commands, Session } from "./session.ts";
import { isIpv6, macArgument, macBody, macText, numberArgument, part } from "./values.ts";

const guest = z.object({ internal_ip: z.string(), inner_mac: macText, vni: z.int() });
const range = z.object({ external: z.string(), low: z.int(), high: z.int(), target: guest });
const subnet = z.object({ subnet: z.string(), target: guest });

/** `swadm nat …` and `swadm attached-subnet …` */
export const guestCommands: Commands = (program, session) => {
  const nat = program.command("nat").description("external addresses of guests");
  nat
    .command("list")
    .alias("ls")
    .argument("[external]", "of one external address; otherwise all")
    .description("ranges of ports")
    .action(async (external?: string) => {
      const all = await rangesOf(session, external);
      session.print(
        all,
        ["External IP", "Port low", "Port high", "Internal IP", "Inner MAC", "VNI"],
        all.map(({ external: ip, low, high, target }) => [
          ip,
          String(low),
          String(high),
          target.internal_ip,
          target.inner_mac,
          String(target.vni),
        ]),
      );
    });
  nat
    .command("add")
    .argument("<external>")
    .argument("<low>", "first port", numberArgument)
    .argument("<high>", "last port", numberArgument)
    .argument("<internal>", "address of the guest's sled")
    .argument("<mac>", "the guest's MAC address", macArgument)
    .argument("<vni>", "the guest's network", numberArgument)
    .description("give a range of ports to a guest")
    .action(async (external: string, low: number, high: number, internal: string, mac: string, vni: number) => {
      await session.send("PUT", `${natPath(external)}/${part(external)}/${low}/${high}`, guestBody(internal, mac, vni));
    });
  nat
    .command("del")
    .alias("rm")
    .argument("<external>")
    .argument("[low]", "first port of the range; without it all ranges of the address go", numberArgument)
    .description("delete ranges of ports")
    .action(async (external: string, low?: number) => {
      await session.send("DELETE", `${natPath(external)}/${part(external)}${low === undefined ? "" : `/${low}`}`);
    });

  const attached = program.command("attached-subnet").description("subnets of guests");
  attached
    .command("list")
    .alias("ls")
    .description("all of them")
    .action(async () => {
      const all = await session.pages("/attached_subnet", subnet);
      session.print(
        all,
        ["Subnet", "Internal IP", "Inner MAC", "VNI"],
        all.map(({ subnet: cidr, target }) => [cidr, target.internal_ip, target.inner_mac, String(target.vni)]),
      );
    });
  attached
    .command("add")
    .argument("<subnet>")
    .argument("<internal>", "address of the guest's sled")
    .argument("<mac>", "the guest's MAC address", macArgument)
    .argument("<vni>", "the guest's network", numberArgument)
    .description("give a subnet to a guest")
    .action(async (cidr: string, internal: string, mac: string, vni: number) => {
      await session.send("PUT", `/attached_subnet/${part(cidr)}`, guestBody(internal, mac, vni));
    });
  attached
    .command("del")
    .alias("rm")
    .argument("<subnet>")
    .description("delete one")
    .action(async (cidr: string) => {
      await session.send("DELETE", `/attached_subnet/${part(cidr)}`);
    });
};

async function rangesOf(session: Session, external: string | undefined): Promise<readonly z.output<typeof range>[]> {
  const addresses =
    external === undefined
      ? [...(await session.pages("/nat/ipv4", z.string())), ...(await session.pages("/nat/ipv6", z.string()))]
      : [external];
  const all: z.output<typeof range>[] = [];
  for (const address of addresses) {
    all.push(...(await session.pages(`${natPath(address)}/${part(address)}`, range)));
  }
  return all;
}

function natPath(external: string): string {
  return `/nat/ipv${isIpv6(external) ? 6 : 4}`;
}

function guestBody(internal: string, mac: string, vni: number): unknown {
  return { internal_ip: internal, inner_mac: macBody(mac), vni };
}
