import { z } from "zod";
import type { Commands } from "./session.ts";
import { isIpv6, linkArgument, ownTag, part } from "./values.ts";

const address = z.object({ tag: z.string(), addr: z.string() });
const links = z.array(z.object({ port_id: z.string(), link_id: z.int() }));

/** `swadm addr …` */
export const addressCommands: Commands = (program, session) => {
  const addr = program.command("addr").description("addresses of links, and of the switch as a whole");
  const pathOf = (where: string, ip: 4 | 6): string => {
    if (where === "loopback") return `/loopback/ipv${ip}`;
    const { portId, linkId } = linkArgument(where);
    return `/ports/${portId}/links/${linkId}/ipv${ip}`;
  };

  addr
    .command("list")
    .alias("ls")
    .argument("[link]", "of one link, or of `loopback`; otherwise all")
    .description("addresses")
    .action(async (where?: string) => {
      const everywhere = [
        ...(await session.get("/links", links)).map(({ port_id, link_id }) => `${port_id}/${link_id}`),
        "loopback",
      ];
      const rows: { link: string; tag: string; addr: string }[] = [];
      for (const link of where === undefined ? everywhere : [where]) {
        for (const family of [4, 6] as const) {
          const path = pathOf(link, family);
          const found =
            link === "loopback" ? await session.get(path, z.array(address)) : await session.pages(path, address);
          rows.push(...found.map((one) => ({ link, ...one })));
        }
      }
      session.print(
        rows,
        ["Link", "Address", "Tag"],
        rows.map((row) => [row.link, row.addr, row.tag]),
      );
    });

  addr
    .command("add")
    .argument("<link>", "port and link, rear0/0, or `loopback`")
    .argument("<address>")
    .description("add an address")
    .action(async (where: string, ip: string) => {
      await session.send("POST", pathOf(where, isIpv6(ip) ? 6 : 4), { tag: ownTag, addr: ip });
    });

  addr
    .command("del")
    .alias("rm")
    .argument("<link>", "port and link, rear0/0, or `loopback`")
    .argument("<address>")
    .description("delete an address")
    .action(async (where: string, ip: string) => {
      await session.send("DELETE", `${pathOf(where, isIpv6(ip) ? 6 : 4)}/${part(ip)}`);
    });
};
