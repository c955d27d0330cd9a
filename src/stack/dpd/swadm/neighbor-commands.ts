import { z } from "zod";
import type { Commands } from "./session.ts";
import { isIpv6, macArgument, macBody, macText, ownTag, part } from "./values.ts";

const neighbor = z.object({ tag: z.string(), ip: z.string(), mac: macText, update: z.string() });

/** `swadm arp …`, for neighbours of both families. */
export const neighborCommands: Commands = (program, session) => {
  const arp = program.command("arp").alias("ndp").description("MAC addresses of next hops, IPv4 and IPv6");
  const path = (ip: string): string => (isIpv6(ip) ? "/ndp" : "/arp");

  arp
    .command("list")
    .alias("ls")
    .description("all of them")
    .action(async () => {
      const all = [...(await session.pages("/arp", neighbor)), ...(await session.pages("/ndp", neighbor))];
      session.print(
        all,
        ["IP", "MAC", "Updated", "Tag"],
        all.map(({ ip, mac, update, tag }) => [ip, mac, update, tag]),
      );
    });

  arp
    .command("get")
    .argument("<ip>")
    .description("the MAC address of one")
    .action(async (ip: string) => {
      const found = await session.get(`${path(ip)}/${part(ip)}`, neighbor);
      session.printLines(found, [found.mac]);
    });

  arp
    .command("add")
    .argument("<ip>")
    .argument("<mac>", "00:00:00:00:00:00 for a black hole", macArgument)
    .description("set the MAC address of one")
    .action(async (ip: string, mac: string) => {
      await session.send("POST", path(ip), { tag: ownTag, ip, mac: macBody(mac) });
    });

  arp
    .command("del")
    .alias("rm")
    .argument("<ip>")
    .description("forget one")
    .action(async (ip: string) => {
      await session.send("DELETE", `${path(ip)}/${part(ip)}`);
    });
};
