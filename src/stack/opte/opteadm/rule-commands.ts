import type { Command } from "commander";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { parseFirewallRule } from "../engine/vpc/firewall-text.ts";
import { parseRouterTarget } from "../engine/layer/router-target.ts";
import { type OptedClient, portPath } from "./client.ts";
import { type ExternalIpOptions, externalIpOptions, externalIpsOf, refusal } from "./values.ts";

interface PortOption {
  readonly port: string;
}

interface RuleOptions extends PortOption {
  readonly dir: string;
  readonly hosts: string;
  readonly protocol: string;
  readonly ports: string;
  readonly action: string;
  readonly priority: string;
}

/** Commands that say what a guest may and where its packets go. */
export function ruleCommands(program: Command, client: OptedClient): void {
  const ofPort = (name: string, description: string): Command =>
    program.command(name).description(description).requiredOption("-p, --port <port>", "the port");
  ofPort("add-fw-rule", "add a firewall rule; flows go on")
    .requiredOption("--dir <direction>", "in or out")
    .requiredOption("--hosts <hosts>", "any, ip=ADDRESS, subnet=CIDR or vni=NUMBER")
    .requiredOption("--protocol <protocol>", "any, arp, tcp, udp, icmp or icmp6, the last two with :TYPE,CODES")
    .requiredOption("--ports <ports>", "any, or numbers with commas between")
    .requiredOption("--action <action>", "allow or deny")
    .requiredOption("--priority <priority>", "0 to 65535, the lower the earlier")
    .action(async ({ port, dir, hosts, protocol, ports, action, priority }: RuleOptions) => {
      const rule = `dir=${dir} hosts=${hosts} protocol=${protocol} port=${ports} action=${action} priority=${priority}`;
      checkRule(rule);
      const added = await client.call("POST", portPath(port, "firewall-rules"), rule, z.object({ id: z.int() }));
      // As the reference, it prints nothing.
      if (client.isJson) client.show(added, () => "");
    });
  ofPort("rm-fw-rule", "remove a firewall rule; flows go on")
    .requiredOption("--dir <direction>", "in or out")
    .argument("<id>")
    .action((id: string, { port, dir }: PortOption & { readonly dir: string }) =>
      client.send("DELETE", portPath(port, "firewall-rules", dir, id)),
    );
  ofPort("set-fw-rules", "have the firewall rules of standard input, one a line, and look at every flow anew").action(
    async ({ port }: PortOption) => {
      const lines = (await text(process.stdin)).split("\n").map((line) => line.replace(/\r$/, ""));
      const rules = lines.filter((line) => line !== "");
      for (const rule of rules) checkRule(rule);
      await client.send("PUT", portPath(port, "firewall-rules"), rules);
    },
  );
  for (const [name, method, description] of [
    ["add-router-entry", "POST", "add a route"],
    ["del-router-entry", "DELETE", "delete a route"],
  ] as const) {
    ofPort(name, description)
      .argument("<destination>", "CIDR")
      .argument("<target>", "drop, ig, ig=UUID, ip4=ADDRESS, ip6=ADDRESS, sub4=CIDR or sub6=CIDR")
      .argument("<class>", "system or custom")
      .action((destination: string, target: string, routerClass: string, { port }: PortOption) => {
        checkTarget(target);
        return client.send(method, portPath(port, "routes"), { destination, target, class: routerClass });
      });
  }
  const external = ofPort("set-external-ips", "have these external addresses; what is left out is cleared");
  externalIpOptions(external).action(({ port, ...options }: PortOption & ExternalIpOptions) =>
    client.send("PUT", portPath(port, "external-ips"), externalOf(options)),
  );
  prefixCommands(program, client);
}

/** Of the family that fits, IPv4 tried first. */
function externalOf(options: ExternalIpOptions): object {
  const { snatIp, ephemeralIp, floatingIp = [] } = options;
  if (snatIp === undefined && ephemeralIp === undefined && floatingIp.length === 0) return {};
  for (const family of [4, 6] as const) {
    try {
      return { [`ipv${family}`]: externalIpsOf(options, family) };
    } catch {
      // Then it is the other family, or neither.
    }
  }
  throw refusal("external IPs", "expected IPv4 *or* IPv6 config.");
}

function prefixCommands(program: Command, client: OptedClient): void {
  const ofPort = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .requiredOption("-p, --port <port>", "the port")
      .argument("<prefix>", "CIDR");
  const directed = (name: string, description: string): Command =>
    ofPort(name, description).option("--dir <direction>", "in or out; both, if it is left out");
  directed("allow-cidr", "let a guest receive for a prefix, and send from it").action(
    (prefix: string, options: Directed) => bothWays(client, prefix, options, "POST", "DELETE"),
  );
  directed("remove-cidr", "let it no longer").action((prefix: string, options: Directed) =>
    bothWays(client, prefix, options, "DELETE", "POST"),
  );
  ofPort("attach-subnet", "attach a subnet to a guest")
    .option("-e, --external", "its addresses are known outside: they are not translated")
    .action((prefix: string, { port, external = false }: PortOption & { readonly external?: boolean }) =>
      client.send("POST", portPath(port, "subnets"), { prefix, external }),
    );
  ofPort("detach-subnet", "detach it").action((prefix: string, { port }: PortOption) =>
    client.send("DELETE", portPath(port, "subnets"), { prefix }),
  );
}

interface Directed extends PortOption {
  readonly dir?: string;
}

/** Without a direction, in and then out; in is taken back if out cannot be. */
async function bothWays(
  client: OptedClient,
  prefix: string,
  { port, dir }: Directed,
  method: "POST" | "DELETE",
  inverse: "POST" | "DELETE",
): Promise<void> {
  const path = portPath(port, "cidrs");
  if (dir !== undefined) return client.send(method, path, { prefix, direction: dir });
  await client.do(method, path, { prefix, direction: "in" });
  try {
    await client.send(method, path, { prefix, direction: "out" });
  } catch (error) {
    await client.do(inverse, path, { prefix, direction: "in" });
    throw error;
  }
}

function checkRule(rule: string): void {
  try {
    parseFirewallRule(rule);
  } catch (error) {
    throw refusal(rule, `Invalid rule: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function checkTarget(target: string): void {
  try {
    parseRouterTarget(target);
  } catch (error) {
    throw refusal(target, error instanceof Error ? error.message : String(error));
  }
}
