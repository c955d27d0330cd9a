import { z } from "zod";
import type { Commands } from "./session.ts";
import { linkArgument, macArgument, macBody, macText, switchArgument } from "./values.ts";

const link = z.object({
  port_id: z.string(),
  link_id: z.int(),
  asic_id: z.int(),
  link_state: z.string(),
  enabled: z.boolean(),
  uplink: z.boolean(),
  ipv6_enabled: z.boolean(),
  link_local: z.string(),
  address: macText,
  speed: z.string(),
  fec: z.string().nullable(),
  autoneg: z.boolean(),
  kr: z.boolean(),
  allow_ddm_traffic: z.boolean(),
});
const history = z.object({ events: z.array(z.object({ time: z.string(), link_state: z.string() })) });
type LinkArgument = ReturnType<typeof linkArgument>;

/** `swadm link …` and `swadm switch-port …` */
export const linkCommands: Commands = (program, session) => {
  const pathOf = ({ portId, linkId }: LinkArgument): string => `/ports/${portId}/links/${linkId}`;

  const command = program.command("link").description("links");
  command
    .command("list")
    .alias("ls")
    .description("all links")
    .action(async () => {
      const all = await session.get("/links", z.array(link));
      session.print(
        all,
        ["Port/Link", "State", "Enabled", "Uplink", "IPv6", "DDM", "Speed", "FEC", "MAC", "p4switch"],
        all.map((one) => [
          `${one.port_id}/${one.link_id}`,
          one.link_state,
          yesOrNo(one.enabled),
          yesOrNo(one.uplink),
          yesOrNo(one.ipv6_enabled),
          yesOrNo(one.allow_ddm_traffic),
          one.speed.replace("Speed", ""),
          one.fec ?? "",
          one.address,
          String(one.asic_id),
        ]),
      );
    });
  command
    .command("get")
    .argument("<link>", "port and link, rear0/0", linkArgument)
    .description("one link")
    .action(async (of: LinkArgument) => {
      const one = await session.get(pathOf(of), link);
      session.print(
        one,
        ["Property", "Value"],
        Object.entries(one).map(([name, value]) => [name, String(value ?? "")]),
      );
    });
  command
    .command("create")
    .argument("<port>")
    .option("--speed <speed>", "Speed0G to Speed400G", "Speed100G")
    .option("--fec <fec>", "None, Firecode or RS")
    .option("--autoneg", "negotiate")
    .option("--kr", "train for a backplane")
    .option("--allow-ddm-traffic", "let DDM run on it")
    .description("make the link of a port")
    .action(
      async (
        portId: string,
        options: { speed: string; fec?: string; autoneg?: boolean; kr?: boolean; allowDdmTraffic?: boolean },
      ) => {
        await session.send("POST", `/ports/${portId}/links`, {
          speed: options.speed,
          fec: options.fec ?? null,
          autoneg: options.autoneg === true,
          kr: options.kr === true,
          allow_ddm_traffic: options.allowDdmTraffic === true,
        });
      },
    );
  command
    .command("del")
    .alias("rm")
    .argument("<link>", "port and link, rear0/0", linkArgument)
    .description("delete a link and its addresses")
    .action(async (of: LinkArgument) => {
      await session.send("DELETE", pathOf(of));
    });
  command
    .command("history")
    .argument("<link>", "port and link, rear0/0", linkArgument)
    .description("when the NIC's carrier came and went")
    .action(async (of: LinkArgument) => {
      const { events } = await session.get(`${pathOf(of)}/history`, history);
      session.print(
        events,
        ["Time", "State"],
        events.map(({ time, link_state }) => [time, link_state]),
      );
    });
  command
    .command("set-mac")
    .argument("<link>", "port and link, rear0/0", linkArgument)
    .argument("<mac>", "the new address", macArgument)
    .description("change a link's MAC address")
    .action(async (of: LinkArgument, mac: string) => {
      await session.send("PUT", `${pathOf(of)}/mac`, macBody(mac));
    });
  for (const [name, attribute, description] of [
    ["uplink", "uplink", "whether customers are behind a link"],
    ["enable", "enabled", "whether a link may be used"],
    ["ipv6", "ipv6_enabled", "whether a link has a link-local address"],
    ["autoneg", "autoneg", "whether a link negotiates"],
    ["kr", "kr", "whether a link trains for a backplane"],
    ["allow-ddm-traffic", "allow_ddm_traffic", "whether DDM may run on a link"],
  ] as const) {
    command
      .command(name)
      .argument("<link>", "port and link, rear0/0", linkArgument)
      .argument("<on|off>", "the new value", switchArgument)
      .description(`set ${description}`)
      .action(async (of: LinkArgument, value: boolean) => {
        await session.send("PUT", `${pathOf(of)}/${attribute}`, value);
      });
  }

  program
    .command("switch-port")
    .description("ports")
    .command("list")
    .alias("ls")
    .description("all ports, with their links")
    .action(async () => {
      const ports = await session.get("/ports", z.array(z.string()));
      const links = await session.get("/links", z.array(link));
      const rows = ports.map((port) => ({
        port,
        links: links.filter(({ port_id }) => port_id === port).map(({ link_id }) => link_id),
      }));
      session.print(
        rows,
        ["Port", "Links"],
        rows.map((row) => [row.port, row.links.join(" ")]),
      );
    });
};

function yesOrNo(value: boolean): string {
  return value ? "yes" : "no";
}
