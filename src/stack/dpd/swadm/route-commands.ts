import { z } from "zod";
import type { Commands } from "./session.ts";
import { isIpv6, linkArgument, numberArgument, ownTag, part } from "./values.ts";

const target = z.object({
  tag: z.string(),
  port_id: z.string(),
  link_id: z.int(),
  tgt_ip: z.string(),
  vlan_id: z.int().nullable(),
});
const v4Targets = z.array(
  z
    .union([z.object({ V4: target }), z.object({ V6: target })])
    .transform((tagged) => ("V4" in tagged ? tagged.V4 : tagged.V6)),
);
const v4Route = z.object({ cidr: z.string(), targets: v4Targets });
const v6Route = z.object({ cidr: z.string(), targets: z.array(target) });
type Route = z.output<typeof v6Route>;

const headings = ["Subnet", "Port", "Link", "Gateway", "Vlan", "Tag"];

/** `swadm route …` */
export const routeCommands: Commands = (program, session) => {
  const route = program.command("route").alias("ro").description("routes");
  const print = (routes: readonly Route[]): void => {
    const rows = routes.flatMap(({ cidr, targets }) =>
      targets.map((one, at) => [
        at === 0 ? cidr : "",
        one.port_id,
        String(one.link_id),
        one.tgt_ip,
        one.vlan_id === null ? "" : String(one.vlan_id),
        one.tag,
      ]),
    );
    session.print(routes, headings, rows);
  };

  route
    .command("list")
    .alias("ls")
    .description("all routes")
    .option("--ipv4", "of IPv4 only")
    .option("--ipv6", "of IPv6 only")
    .action(async ({ ipv4, ipv6 }: { ipv4?: boolean; ipv6?: boolean }) => {
      const v4 = ipv6 === true && ipv4 !== true ? [] : await session.pages("/route/ipv4", v4Route);
      const v6 = ipv4 === true && ipv6 !== true ? [] : await session.pages("/route/ipv6", v6Route);
      print([...v4, ...v6]);
    });

  route
    .command("get")
    .argument("<subnet>")
    .description("the targets of one route")
    .action(async (cidr: string) => {
      const targets = isIpv6(cidr)
        ? await session.get(`/route/ipv6/${part(cidr)}`, z.array(target))
        : await session.get(`/route/ipv4/${part(cidr)}`, v4Targets);
      print([{ cidr, targets }]);
    });

  route
    .command("add")
    .argument("<subnet>")
    .argument("<link>", "port and link, rear0/0", linkArgument)
    .argument("<gateway>", "address of the next hop")
    .option("--vlan <id>", "tag of frames to the next hop", numberArgument)
    .option("--set", "make it the only target; refused where there is another route")
    .option("--replace", "make it the only target, whatever there was")
    .description("add a target to a route")
    .action(
      async (
        cidr: string,
        link: ReturnType<typeof linkArgument>,
        gateway: string,
        options: { vlan?: number; set?: boolean; replace?: boolean },
      ) => {
        const one = {
          tag: ownTag,
          port_id: link.portId,
          link_id: link.linkId,
          tgt_ip: gateway,
          vlan_id: options.vlan ?? null,
        };
        const tagged = isIpv6(cidr) ? one : isIpv6(gateway) ? { V6: one } : { V4: one };
        const isOnly = options.set === true || options.replace === true;
        await session.send(isOnly ? "PUT" : "POST", `/route/ipv${isIpv6(cidr) ? 6 : 4}`, {
          cidr,
          target: tagged,
          replace: options.replace === true,
        });
      },
    );

  route
    .command("del")
    .alias("rm")
    .argument("<subnet>")
    .argument("[link]", "port and link of the target; without it the whole route goes", linkArgument)
    .argument("[gateway]", "next hop of the target")
    .description("delete a route, or one of its targets")
    .action(async (cidr: string, link?: ReturnType<typeof linkArgument>, gateway?: string) => {
      const path = `/route/ipv${isIpv6(cidr) ? 6 : 4}/${part(cidr)}`;
      if (link === undefined) await session.send("DELETE", path);
      else if (gateway === undefined) route.error("error: a target is named by its link and its gateway");
      else await session.send("DELETE", `${path}/${link.portId}/${link.linkId}/${part(gateway)}`);
    });
};
