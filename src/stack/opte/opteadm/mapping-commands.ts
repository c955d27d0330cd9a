import { Argument, type Command } from "commander";
import type { OptedClient } from "./client.ts";

/** Commands that say where addresses live. */
export function mappingCommands(program: Command, client: OptedClient): void {
  for (const [name, method, description] of [
    ["set-v2p", "PUT", "say which sled an address of a VPC lives on"],
    ["clear-v2p", "DELETE", "forget where it lives"],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument("<vpc-ip>")
      .argument("<vpc-mac>")
      .argument("<underlay-ip>")
      .argument("<vni>")
      .action((ip: string, mac: string, underlay: string, vni: string) =>
        client.send(method, "/v2p", { vni: Number(vni), ip, ...(method === "PUT" ? { mac, underlay } : {}) }),
      );
  }
  for (const [name, method, description] of [
    ["set-v2b", "PUT", "add tunnel endpoints that lead to a prefix"],
    ["clear-v2b", "DELETE", "take tunnel endpoints of a prefix away"],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument("<prefix>")
      .argument("<tep...>")
      .action((prefix: string, endpoints: string[]) => client.send(method, "/v2b", { prefix, endpoints }));
  }
  for (const [name, method, description] of [
    ["set-m2p", "PUT", "map a group of the overlay to one of the underlay"],
    ["clear-m2p", "DELETE", "map it no longer"],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument("<group>")
      .argument("<underlay>")
      .action((group: string, underlay: string) =>
        client.send(method, "/m2p", { group, ...(method === "PUT" ? { underlay } : {}) }),
      );
  }
  multicastCommands(program, client);
}

function multicastCommands(program: Command, client: OptedClient): void {
  const path = "/multicast-forwarding";
  const subscriptions = "/multicast-subscriptions";
  program
    .command("set-mcast-fwd")
    .description("send a group's packets to a switch too")
    .argument("<underlay>")
    .argument("<next-hop>")
    .addArgument(new Argument("<replication>").choices(["external", "underlay", "both"]))
    .action((underlay: string, nextHop: string, replication: string) =>
      client.send("PUT", path, { underlay, nextHop, replication }),
    );
  program
    .command("clear-mcast-fwd")
    .description("send a group's packets to no switch")
    .argument("<underlay>")
    .action((underlay: string) => client.send("DELETE", path, { underlay }));
  for (const [name, method, description] of [
    ["mcast-subscribe", "PUT", "have a port get a group's packets"],
    ["mcast-unsubscribe", "DELETE", "have it get them no longer"],
  ] as const) {
    const command = program
      .command(name)
      .description(description)
      .requiredOption("-p, --port <port>", "the port")
      .argument("<group>");
    if (method === "DELETE") {
      command.action((group: string, { port }: { port: string }) =>
        client.send(method, subscriptions, { group, port }),
      );
      continue;
    }
    command
      .option("--include <addresses...>", "from these sources alone")
      .option("--exclude <addresses...>", "from all but these sources")
      .action((group: string, { port, include, exclude = [] }: SubscribeOptions) => {
        const filter =
          include === undefined ? { mode: "exclude", sources: exclude } : { mode: "include", sources: include };
        return client.send(method, subscriptions, { group, port, filter });
      });
  }
  program
    .command("mcast-unsubscribe-all")
    .description("have no port get a group's packets")
    .argument("<group>")
    .action((group: string) => client.send("DELETE", subscriptions, { group }));
}

interface SubscribeOptions {
  readonly port: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}
