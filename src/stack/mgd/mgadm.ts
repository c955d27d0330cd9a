import { Command } from "commander";
import { AdminClient, type AdminOptions, runAdminProgram } from "../daemon/admin-client.ts";
import { adminAnswers } from "./mgd-api.ts";

/** Run `mgadm`: what mgd knows of the outside. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("mgadm")
    .description("look at mgd: BGP, BFD and static routes of a switch")
    .option("-a, --address <address>", "address of the admin API", "::1")
    .option("-p, --port <port>", "port of the admin API", "4676")
    .option("--json", "answer with JSON");
  const admin = new AdminClient({ daemon: "mgd", api: "admin API" }, () => program.opts<AdminOptions>());
  statusCommand(program, admin);
  bgpCommands(program.command("bgp").description("BGP sessions"), admin);
  ribCommands(program.command("rib").description("routes out of the rack"), admin);
  otherCommands(program, admin);
  await runAdminProgram(program, argv);
}

function statusCommand(program: Command, admin: AdminClient): void {
  program
    .command("status")
    .description("tell which generation of nexus' is in effect, and what is not as it shall be")
    .action(async () => {
      const { generation, effective, faults } = await admin.get("/status", adminAnswers.status);
      admin.show(
        { generation, effective, faults },
        ["Generation", "In effect", "Faults"],
        [[String(generation), String(effective), faults.join("; ") || "-"]],
      );
    });
}

function bgpCommands(bgp: Command, admin: AdminClient): void {
  const status = bgp.command("status").description("look at the sessions");
  status
    .command("neighbors")
    .description("list the peers")
    .action(async () => {
      const peers = await admin.get("/bgp/status/neighbors", adminAnswers.neighbors);
      const rows = peers.map(({ addr, local_asn, remote_asn, state, state_duration_millis: duration }) => [
        addr,
        String(local_asn),
        String(remote_asn),
        state,
        `${Math.round(duration / 1000)} s`,
      ]);
      admin.show(peers, ["Peer", "Local AS", "Remote AS", "State", "Duration"], rows);
    });
  status
    .command("exported")
    .description("list what peers are told")
    .action(async () => {
      const routes = await admin.get("/bgp/status/exported", adminAnswers.exported);
      admin.show(
        routes,
        ["Peer", "Prefix"],
        routes.map(({ peer_id: peer, prefix }) => [peer, prefix]),
      );
    });
  bgp
    .command("clear")
    .description("begin anew")
    .command("neighbor <address>")
    .description("let the session with a peer begin anew")
    .action((addr: string) => admin.send("POST", "/bgp/clear/neighbor", { addr }));
}

function ribCommands(rib: Command, admin: AdminClient): void {
  const status = rib.command("status").description("look at the routes");
  status
    .command("imported")
    .description("list what peers told")
    .action(async () => {
      const routes = await admin.get("/rib/status/imported", adminAnswers.imported);
      admin.show(
        routes,
        ["Prefix", "Next hop"],
        routes.map(({ prefix, nexthop }) => [prefix, nexthop]),
      );
    });
  status
    .command("selected")
    .description("list what the switch uses")
    .action(async () => {
      const routes = await admin.get("/rib/status/selected", adminAnswers.selected);
      const rows = routes.flatMap(({ prefix, paths }) =>
        paths.map(({ port, link, nexthop }) => [prefix, `${port}/${link}`, nexthop]),
      );
      admin.show(routes, ["Prefix", "Port", "Next hop"], rows);
    });
}

function otherCommands(program: Command, admin: AdminClient): void {
  program
    .command("bfd")
    .description("BFD sessions")
    .command("get-peers")
    .description("list the sessions")
    .action(async () => {
      const peers = await admin.get("/bfd/peers", adminAnswers.bfd);
      admin.show(
        peers,
        ["Peer", "State"],
        peers.map(({ peer, state }) => [peer, state]),
      );
    });
  program
    .command("static")
    .description("static routes")
    .command("get-routes")
    .description("list them")
    .action(async () => {
      const routes = await admin.get("/static/routes", adminAnswers.static);
      const rows = routes.map(({ prefix, nexthop, port, rib_priority: priority }) => [
        prefix,
        port,
        nexthop,
        String(priority ?? "-"),
      ]);
      admin.show(routes, ["Prefix", "Port", "Next hop", "Priority"], rows);
    });
}
