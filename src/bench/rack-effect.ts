import { z } from "zod";
import {
  findInstance,
  instanceCommand,
  type InstanceView,
  NexusClient,
  settledInstance,
  sledIdOf,
} from "../rack/index.ts";
import type { Testbed } from "../testbed/index.ts";
import { PingLines } from "./ping-lines.ts";

const project = "shop";
const vpc = { project, vpc: "default" } as const;
/** For an instance that moves, which begins anew. */
const moveDeadlineMs = 120_000;

/** How long after nexus has answered to a change packets are treated so, milliseconds, one of each change. */
export interface EffectTimes {
  readonly firewallRule: readonly number[];
  readonly route: readonly number[];
  readonly floatingIp: readonly number[];
  /** A light instance begins anew at the other sled: its start counts. */
  readonly move: readonly number[];
  /** How long nexus took to answer to all of these. */
  readonly answer: readonly number[];
}

/**
 * In the racks of `topologies/boundary.yaml`: take away what drops echo requests or give what lets them pass, while they are sent
 * all the time, and see when the first one is answered.
 */
export async function effectTimes(testbed: Testbed, times: number): Promise<EffectTimes> {
  const nexus = await NexusClient.of(testbed);
  const [web, db] = [await placed(nexus, `${project}/web`), await placed(nexus, `${project}/db`)];
  const answer: number[] = [];
  /** Have `block` be so until nothing is answered, then `allow`, and see how long after its answer something is. */
  const measure = async (
    lines: PingLines,
    block: () => Promise<unknown>,
    allow: () => Promise<unknown>,
  ): Promise<readonly number[]> => {
    const found: number[] = [];
    for (let at = 0; at < times; at++) {
      await block();
      await lines.untilSilent();
      const askedAt = performance.now();
      await allow();
      const answeredAt = performance.now();
      found.push((await lines.nextAnswer()) - answeredAt);
      answer.push(answeredAt - askedAt);
    }
    return found;
  };
  const guest = await testbed.node(web.sled).guest();
  const inWeb = (command: readonly string[]) => instanceCommand(web.id, command);
  await using toDb = new PingLines(guest, inWeb, db.addresses[0] ?? "");
  await toDb.nextAnswer();
  const firewall = await firewallOf(nexus);
  const firewallRule = await measure(toDb, firewall.deny, firewall.allow);
  const router = await routerOf(nexus, db);
  const route = await measure(toDb, router.drop, router.undrop);
  const ip = await floatingIpOf(nexus);
  const internet = await testbed.node("internet").guest();
  await using toWeb = new PingLines(internet, (command) => command, "-I", "203.0.113.1", ip.address);
  const floatingIp = await measure(toWeb, ip.detach, ip.attach);
  const move: number[] = [];
  let { sled } = db;
  for (let at = 0; at < times; at++) {
    sled = sled === "s1" ? "s2" : "s1";
    await nexus.send("POST", `/v1/instances/${db.id}/move`, {}, { sled: await sledIdOf(nexus, sled) });
    const answeredAt = performance.now();
    await settledInstance(nexus, db.id, moveDeadlineMs);
    await toDb.nextAnswer();
    move.push(toDb.endOfLongestSilence(answeredAt) - answeredAt);
  }
  return { firewallRule, route, floatingIp, move, answer };
}

type Change = () => Promise<unknown>;

const rules = z.object({ rules: z.array(z.record(z.string(), z.unknown())) });

/**
 * Rules that deny echoes of db, and their end. Both ways: an answer that is on its way out when the rules change is let out by the default
 * rule for that, and what it belongs to is then let in (OPTE's firewall is stateful).
 */
async function firewallOf(nexus: NexusClient): Promise<{ readonly deny: Change; readonly allow: Change }> {
  const { rules: kept } = await nexus.get("/v1/vpc-firewall-rules", vpc, rules);
  const deny = ["inbound", "outbound"].map((direction) => ({
    ...{ name: `deny-${direction}`, description: "", status: "enabled", direction, priority: 1, action: "deny" },
    ...{ targets: [{ type: "instance", value: "db" }], filters: { protocols: [{ type: "icmp" }] } },
  }));
  const have = (more: readonly object[]) =>
    nexus.send("PUT", "/v1/vpc-firewall-rules", vpc, { rules: [...kept.map(ruleUpdate), ...more] });
  return { deny: () => have(deny), allow: () => have([]) };
}

/** What of a rule is said again when all are. */
function ruleUpdate(rule: Readonly<Record<string, unknown>>): object {
  const { name, description, status, direction, priority, action, targets, filters } = rule;
  return { name, description, status, direction, priority, action, targets, filters };
}

/** A route that drops what goes to an instance, and its end. */
async function routerOf(
  nexus: NexusClient,
  { addresses }: InstanceView,
): Promise<{ readonly drop: Change; readonly undrop: Change }> {
  await nexus.send("POST", "/v1/vpc-routers", vpc, { name: "own", description: "" });
  await nexus.send("PUT", "/v1/vpc-subnets/default", vpc, { custom_router: "own" });
  const drop = {
    ...{ name: "drop", description: "", target: { type: "drop" } },
    destination: { type: "ip", value: addresses[0] },
  };
  const at = { ...vpc, router: "own" };
  return {
    drop: () => nexus.send("POST", "/v1/vpc-router-routes", at, drop),
    undrop: () => nexus.send("DELETE", "/v1/vpc-router-routes/drop", at),
  };
}

/** A floating address that web has, or has not. */
async function floatingIpOf(
  nexus: NexusClient,
): Promise<{ readonly address: string; readonly attach: Change; readonly detach: Change }> {
  const address = "198.51.100.60";
  const allocator = { type: "explicit", ip: address };
  await nexus.send(
    "POST",
    "/v1/floating-ips",
    { project },
    { name: "ip", description: "", address_allocator: allocator },
  );
  const attach: Change = () =>
    nexus.send("POST", "/v1/floating-ips/ip/attach", { project }, { kind: "instance", parent: "web" });
  await attach();
  return { address, attach, detach: () => nexus.send("POST", "/v1/floating-ips/ip/detach", { project }) };
}

async function placed(nexus: NexusClient, name: string): Promise<InstanceView & { readonly sled: string }> {
  const found = await findInstance(nexus, name);
  if (found.sled === null) throw new Error(`${name} is at no sled`);
  return { ...found, sled: found.sled };
}
