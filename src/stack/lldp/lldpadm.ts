import { Command } from "commander";
import { z } from "zod";
import { printable } from "../../packet/printable.ts";
import { AdminClient, type AdminOptions, runAdminProgram } from "../daemon/admin-client.ts";
import { interfaceValue, neighborValue, systemValue } from "./values.ts";

/** Run `lldpadm`: what lldpd knows of this system and its neighbours, and where it speaks. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("lldpadm")
    .description("look at the link layer discovery daemon lldpd, and tell it where to speak")
    .option("-a, --address <address>", "address of lldpd's API", "::1")
    .option("-p, --port <port>", "port of lldpd's API", "12230")
    .option("--json", "answer with JSON");
  // What a neighbour says may hold anything, also what a terminal obeys.
  const subject = { daemon: "lldpd", api: "API", cell: printable };
  const client = new AdminClient(subject, () => program.opts<AdminOptions>());
  systemCommands(program.command("system").description("what this system says about itself"), client);
  interfaceCommands(program.command("iface").description("the interfaces that LLDP is spoken on"), client);
  program
    .command("neighbors")
    .description("who is at the other end of the wires")
    .argument("[interface]", "of this interface alone, e.g. net0 or qsfp0/0")
    .action(async (name: string | undefined) => {
      const path = name === undefined ? "/neighbors" : `${interfacePath(name)}/neighbors`;
      const neighbors = await client.get(path, z.array(neighborValue));
      client.show(
        neighbors,
        ["Interface", "Chassis", "Port", "System", "Description", "Expires in"],
        neighbors.map((neighbor) => [
          neighbor.interface,
          neighbor.chassis_id.id,
          neighbor.port_id.id,
          neighbor.system_name ?? "",
          neighbor.system_description ?? "",
          `${Math.ceil(neighbor.expires_ms / 1000)}s`,
        ]),
      );
    });
  await runAdminProgram(program, argv);
}

function systemCommands(system: Command, client: AdminClient): void {
  system
    .command("show", { isDefault: true })
    .description("chassis id, name, description, capabilities")
    .action(async () => {
      const value = await client.get("/system", systemValue);
      client.show(
        value,
        ["Chassis", "Name", "Description", "Capabilities"],
        [[value.chassis_id.id, value.system_name, value.system_description, value.capabilities.join(", ")]],
      );
    });
  for (const what of ["name", "description"] as const) {
    system
      .command(`set-${what}`)
      .description(`say another system ${what} from now on, until lldpd starts again`)
      .argument(`<${what}>`)
      .action((value: string) => client.send("PUT", `/system/${what}`, value));
  }
}

function interfaceCommands(iface: Command, client: AdminClient): void {
  iface
    .command("list", { isDefault: true })
    .description("all of them, with their counters")
    .action(async () => {
      const interfaces = await client.get("/interface", z.array(interfaceValue));
      client.show(
        interfaces,
        ["Interface", "MAC", "State", "Neighbors", "Out", "In", "Discarded", "Aged out"],
        interfaces.map(({ name, mac, is_up, neighbors, counters }) => [
          name,
          mac,
          is_up ? "up" : "down",
          ...[neighbors, counters.frames_out, counters.frames_in, counters.frames_discarded, counters.ageouts].map(
            String,
          ),
        ]),
      );
    });
  iface
    .command("add")
    .description("speak on an interface")
    .argument("<interface>")
    .action((name: string) => client.send("PUT", interfacePath(name)));
  iface
    .command("del")
    .description("stop on an interface; its neighbours are told")
    .argument("<interface>")
    .action((name: string) => client.send("DELETE", interfacePath(name)));
}

function interfacePath(name: string): string {
  return `/interface/${encodeURIComponent(name)}`;
}
