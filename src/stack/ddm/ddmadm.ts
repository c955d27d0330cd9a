import { Command } from "commander";
import { z } from "zod";
import { AdminClient, type AdminOptions, runAdminProgram } from "../daemon/admin-client.ts";
import {
  interfaceSchema,
  measuredDestinationSchema,
  pathVectorSchema,
  peerSchema,
  tunnelOriginSchema,
  tunnelRouteSchema,
} from "./admin-schema.ts";
import { durationText } from "./duration-text.ts";

/** Run `ddmadm`: what ddmd knows, and what it shall originate. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("ddmadm")
    .description("look at the routing daemon ddmd, and tell it what to announce")
    .option("-a, --address <address>", "address of the admin API", "::1")
    .option("-p, --port <port>", "port of the admin API", "8000")
    .option("--json", "answer with JSON");
  const admin = new AdminClient({ daemon: "ddmd", api: "admin API" }, () => program.opts<AdminOptions>());
  readCommands(program, admin);
  prefixCommands(program, admin);
  tunnelCommands(program, admin);
  await runAdminProgram(program, argv);
}

function readCommands(program: Command, admin: AdminClient): void {
  program
    .command("get-peers")
    .description("list the neighbours")
    .action(async () => {
      const peers = await admin.get("/peers", z.record(z.string(), peerSchema));
      const rows = Object.values(peers).map(({ interface: name, host, addr, kind, status }) => [
        name,
        host,
        addr,
        kind === 0 ? "server" : "transit",
        status.type,
        durationText(status.duration),
      ]);
      admin.show(peers, ["Interface", "Host", "Address", "Kind", "Status", "Duration"], rows);
    });
  program
    .command("get-interfaces")
    .description("list the interfaces with their state and counters that are not 0")
    .action(async () => {
      const interfaces = await admin.get("/interfaces", z.array(interfaceSchema));
      const rows = interfaces.map(({ name, addr, status, peer_host, counters }) => [
        name,
        addr ?? "-",
        status.type,
        durationText(status.duration),
        peer_host ?? "-",
        Object.entries(counters)
          .filter(([, value]) => value !== 0)
          .map(([counter, value]) => `${counter}=${value}`)
          .join(" "),
      ]);
      admin.show(interfaces, ["Interface", "Address", "Status", "Duration", "Peer", "Counters"], rows);
    });
  program
    .command("expire-peer <address>")
    .description("give up a neighbour; it comes back with its next advertisement")
    .action((address: string) => admin.send("DELETE", `/peers/${encodeURIComponent(address)}`));
  program
    .command("sync")
    .description("pull from every neighbour")
    .action(() => admin.send("PUT", "/sync"));
}

function prefixCommands(program: Command, admin: AdminClient): void {
  program
    .command("get-prefixes")
    .description("list the imported prefixes; paths begin with the nearest router")
    .action(async () => {
      const prefixes = await admin.get("/prefixes", z.record(z.string(), z.array(pathVectorSchema)));
      const rows = Object.entries(prefixes).flatMap(([nextHop, vectors]) =>
        vectors.map(({ destination, path }) => [destination, nextHop, path.toReversed().join(" ")]),
      );
      admin.show(prefixes, ["Destination", "Next Hop", "Path"], rows);
    });
  program
    .command("get-paths")
    .description("list destinations with several paths, the delays of the paths and what share of flows each gets")
    .action(async () => {
      const measured = await admin.get("/multipath", z.array(measuredDestinationSchema).nullable());
      const rows = (measured ?? []).flatMap(({ destination, paths }) => {
        const sum = paths.reduce((total, { weight }) => total + weight, 0);
        return paths.map((path) => [
          destination,
          path.interface,
          path.nexthop,
          path.silent ? "silent" : path.delay_us === null ? "-" : `${(path.delay_us / 1000).toFixed(1)} ms`,
          `${Math.round((100 * path.weight) / sum)} %`,
          `${path.probes_acknowledged}/${path.probes_sent}`,
        ]);
      });
      admin.show(measured, ["Destination", "Interface", "Next Hop", "Delay", "Share", "Answered"], rows);
    });
  program
    .command("get-originated")
    .description("list the own prefixes")
    .action(async () => {
      const nets = await admin.get("/originated", z.array(z.string()));
      admin.show(
        nets,
        ["Prefix"],
        nets.map((net) => [net]),
      );
    });
  program
    .command("advertise-prefixes <prefixes...>")
    .description("originate prefixes")
    .action((prefixes: string[]) => admin.send("PUT", "/prefix", prefixes));
  program
    .command("withdraw-prefixes <prefixes...>")
    .description("originate prefixes no longer")
    .action((prefixes: string[]) => admin.send("DELETE", "/prefix", prefixes));
}

function tunnelCommands(program: Command, admin: AdminClient): void {
  const headings = ["Overlay Prefix", "Boundary Address", "VNI", "Metric"];
  const row = (origin: z.output<typeof tunnelOriginSchema>): string[] => [
    origin.overlay_prefix,
    origin.boundary_addr,
    String(origin.vni),
    String(origin.metric),
  ];
  program
    .command("tunnel-imported")
    .description("list the imported tunnel origins")
    .action(async () => {
      const routes = await admin.get("/tunnel_endpoints", z.array(tunnelRouteSchema));
      admin.show(
        routes,
        headings,
        routes.map(({ origin }) => row(origin)),
      );
    });
  program
    .command("tunnel-originated")
    .description("list the own tunnel origins")
    .action(async () => {
      const origins = await admin.get("/originated_tunnel_endpoints", z.array(tunnelOriginSchema));
      admin.show(origins, headings, origins.map(row));
    });
  for (const [name, method, description] of [
    ["tunnel-advertise", "PUT", "announce a tunnel origin"],
    ["tunnel-withdraw", "DELETE", "announce a tunnel origin no longer"],
  ] as const) {
    program
      .command(name)
      .description(description)
      .requiredOption("-o, --overlay-prefix <prefix>", "what is reached")
      .requiredOption("-b, --boundary-addr <address>", "the tunnel endpoint")
      .requiredOption("-v, --vni <number>", "virtual network identifier")
      .option("-m, --metric <number>", "origins with a metric win over those without", "0")
      .action((options: { overlayPrefix: string; boundaryAddr: string; vni: string; metric: string }) =>
        admin.send(method, "/tunnel_endpoint", [
          {
            overlay_prefix: options.overlayPrefix,
            boundary_addr: options.boundaryAddr,
            vni: Number(options.vni),
            metric: Number(options.metric),
          },
        ]),
      );
  }
}
