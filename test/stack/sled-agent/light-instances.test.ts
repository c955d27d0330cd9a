import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instanceBody, ok } from "../nexus/nexus-fixture.ts";
import { type Background, busyboxWorks, namespacesWork } from "../opte/opted/laboratory.ts";
import { AgentLaboratory, instancesWork, type SledName, sledNames } from "./agent-laboratory.ts";

/** Where an instance is. */
interface Place {
  readonly sled: SledName;
  readonly key: string;
}

describe.skipIf(!namespacesWork || !busyboxWorks || !instancesWork)(
  "light instances of nexus, sled-agents and opteds (network namespaces: root, busybox, musl-gcc)",
  () => {
    let rack: AgentLaboratory;
    const project = "p";
    const places = new Map<string, Place>();
    const addresses = new Map<string, readonly [string, string]>();

    const placeOf = (name: string): Place => {
      const place = places.get(name);
      if (place === undefined) throw new Error(`no instance ${name}`);
      return place;
    };
    const inside = (name: string, ...command: readonly string[]) => {
      const { sled, key } = placeOf(name);
      return rack.inside(sled, key, ...command);
    };
    const addressesOf = (name: string): readonly [string, string] => addresses.get(name) ?? ["", ""];
    const stateOf = async (name: string): Promise<string> =>
      (await ok(rack.api.instanceView({ path: { instance: name }, query: { project } }))).runState;
    /** The guest of an instance, wherever it is. */
    const find = (id: string): Place | undefined =>
      sledNames
        .flatMap((sled) => rack.guests(sled).map((key) => ({ sled, key })))
        .find(({ key }) => key.startsWith(`${id}.`));

    beforeAll(async () => {
      rack = await AgentLaboratory.start();
      await ok(rack.api.projectCreate({ body: { name: project, description: "" } }));
    }, 120_000);
    afterAll(async () => {
      await rack[Symbol.asyncDispose]();
    });

    test("one that is created runs: a root, a hostname and processes of its own, and the NIC that nexus gave it", async () => {
      for (const name of ["web", "db"]) {
        const { id } = await ok(rack.api.instanceCreate({ query: { project }, body: instanceBody(name) }));
        await expect.poll(() => stateOf(name)).toBe("running");
        const place = find(id);
        if (place === undefined) throw new Error(`${name} has no guest: ${rack.said("s1").join("\n")}`);
        places.set(name, place);
        const { items } = await ok(rack.api.instanceNetworkInterfaceList({ query: { project, instance: name } }));
        const stack = items[0]?.ipStack;
        if (stack?.type !== "dual_stack") throw new Error("expected addresses of both families");
        addresses.set(name, [stack.value.v4.ip, stack.value.v6.ip]);
        expect((await inside(name, "busybox", "hostname")).stdout).toBe(`${name}\n`);
        expect((await inside(name, "busybox", "ps")).stdout).toMatch(/^ *1 .*instance-init/m);
        const mac = await inside(name, "cat", "/sys/class/net/net0/address");
        expect(mac.stdout).toBe(`${items[0]?.mac.toLowerCase() ?? ""}\n`);
        await inside(name, "sh", "-c", "echo mine >/etc/only-here");
        expect((await inside(name, "cat", "/etc/only-here")).stdout).toBe("mine\n");
        expect(existsSync("/etc/only-here")).toBe(false);
      }
      expect(new Set([...places.values()].map(({ sled }) => sled)).size).toBe(2);
    });

    test("it has its addresses, its way out and its name servers by DHCP, DHCPv6 and router advertisement", async () => {
      for (const name of ["web", "db"]) {
        const [v4, v6] = addressesOf(name);
        const ip = async (...command: readonly string[]) => (await inside(name, "ip", ...command)).stdout;
        await expect.poll(() => ip("-4", "address", "show", "dev", "net0")).toContain(`${v4}/32`);
        await expect.poll(() => ip("-6", "address", "show", "dev", "net0")).toContain(`${v6}/128`);
        expect(await ip("route")).toMatch(/^default via \S+ dev net0/);
        await expect.poll(() => ip("-6", "route", "show", "default")).toContain("proto ra");
        await expect
          .poll(async () => (await inside(name, "cat", "/etc/resolv.conf")).stdout)
          .toBe(
            [
              ...["search default.p.internal", "nameserver 172.30.0.2", "nameserver 198.51.100.53"],
              ...[`nameserver ${v6.replace(/::.*/, "::2")}`, "nameserver 2001:db8::53", ""],
            ].join("\n"),
          );
      }
    });

    test("they know each other by name, and nobody else", async () => {
      const [v4, v6] = addressesOf("db");
      const hosts = async (name: string, ...databases: readonly string[]) => {
        const { status, stdout } = await inside("web", "getent", ...databases, name);
        return { status, addresses: [...new Set(stdout.split("\n").flatMap((line) => /^\S+/.exec(line) ?? []))] };
      };
      for (const name of ["db", "db.default.p.internal", "DB.default.default.p.internal"]) {
        await expect.poll(() => hosts(name, "ahostsv4")).toEqual({ status: 0, addresses: [v4] });
        await expect.poll(() => hosts(name, "ahostsv6")).toEqual({ status: 0, addresses: [v6] });
      }
      for (const address of [v4, v6]) {
        await expect
          .poll(async () => (await inside("web", "getent", "hosts", address)).stdout)
          .toMatch(/\sdb\.default\.p\.internal\n$/);
      }
      for (const name of ["nobody", "db.other.p.internal", "services.internal"]) {
        expect(await hosts(name, "hosts")).toEqual({ status: 2, addresses: [] });
      }
    });

    test("names outlast nexus and either name server, and known ones both", { timeout: 300_000 }, async () => {
      const known = async (name: string) => (await inside("web", "getent", "ahostsv4", name)).status;
      await rack.killNexus();
      await rack.killNameServer(0);
      expect(await known("web")).toBe(0);
      await rack.startNameServer(0);
      await rack.killNameServer(1);
      // Not asked for before: the server that came back knows it without nexus.
      expect(await known("web.default.default.p.internal")).toBe(0);
      await rack.killNameServer(0);
      expect(await known("db")).toBe(0);
      await Promise.all([rack.startNameServer(0), rack.startNameServer(1), rack.startNexus()]);
    });

    test("they reach each other across the underlay, by both families", async () => {
      for (const [from, to] of [
        ["web", "db"],
        ["db", "web"],
      ] as const) {
        for (const address of addressesOf(to)) {
          expect(await inside(from, "busybox", "ping", "-c", "3", "-W", "10", address)).toMatchObject({ status: 0 });
        }
      }
    });

    test("agents and nexus may be killed: no packet is lost, and those that come back change nothing", async () => {
      const { sled, key } = placeOf("web");
      const pids = await Promise.all([...places.values()].map((place) => rack.pidOf(place.sled, place.key)));
      const count = 40;
      const ping = await rack.begin(
        ...([sled, key, "busybox", "ping", "-i", "0.1", "-c", String(count), "-W", "20"] as const),
        addressesOf("db")[0],
      );
      await ping.line((line) => line.includes("seq=2"));
      await Promise.all([...sledNames.map((name) => rack.killAgent(name)), rack.killNexus()]);
      await ping.line((line) => line.includes("seq=10"));
      await Promise.all(sledNames.map((name) => rack.startAgent(name)));
      await rack.startNexus();
      await ping.ended();
      expect(ping.lines.join("\n")).toContain(`${count} packets transmitted, ${count} packets received`);
      expect(await Promise.all([...places.values()].map((place) => rack.pidOf(place.sled, place.key)))).toEqual(pids);
      for (const name of sledNames) {
        expect(rack.said(name).filter((line) => line.includes('"change"'))).toEqual([]);
        expect(rack.said(name).filter((line) => line.includes("found running"))).toHaveLength(1);
      }
      await expect.poll(() => stateOf("web")).toBe("running");
    });

    test("a rule that nexus is told takes effect, and so does its end", async () => {
      const query = { project, vpc: "default" };
      const { rules: before } = await ok(rack.api.vpcFirewallRulesView({ query }));
      const kept = before.map(({ name, description, status, direction, priority, action, targets, filters }) => ({
        ...{ name, description, status, direction, priority, action, targets, filters },
      }));
      const deny: (typeof kept)[number] = {
        ...{ name: "no-ping", description: "", status: "enabled", direction: "inbound", priority: 1, action: "deny" },
        targets: [{ type: "vpc", value: "default" }],
        filters: { protocols: [{ type: "icmp", value: null }] },
      };
      const [v4] = addressesOf("db");
      const ping = async () => (await inside("web", "busybox", "ping", "-c", "1", "-W", "1", v4)).status;
      await ok(rack.api.vpcFirewallRulesUpdate({ query, body: { rules: [...kept, deny] } }));
      await expect.poll(ping).toBe(1);
      await ok(rack.api.vpcFirewallRulesUpdate({ query, body: { rules: kept } }));
      await expect.poll(ping).toBe(0);
    });

    test("what is measured of an instance is what it sent, received, and was denied", async () => {
      const { sled } = placeOf("web");
      const [v4] = addressesOf("db");
      const mine = { project, vpc: "default", instance: "web", interface: "net0" };
      const measured = async () => {
        const samples = await rack.metrics(sled);
        return (family: string, labels: Readonly<Record<string, string>> = {}): number => {
          const wanted = { ...mine, ...labels };
          const found = samples.filter(
            (sample) =>
              sample.family === family &&
              Object.entries(wanted).every(([name, value]) => sample.labels[name] === value) &&
              Object.keys(sample.labels).length === Object.keys(wanted).length,
          );
          expect(found, `${family} of ${JSON.stringify(wanted)}`).toHaveLength(1);
          return found[0]?.value ?? 0;
        };
      };
      const [count, size] = [20, 1000];
      const before = await measured();
      const ping = await inside("web", "busybox", "ping", "-c", String(count), "-i", "0.05", "-s", String(size), v4);
      expect(ping.status).toBe(0);
      // It has no external address that these could leave with.
      await inside("web", "busybox", "ping", "-c", "3", "-W", "1", "192.0.2.77");
      const after = await measured();
      const grown = (family: string, labels?: Readonly<Record<string, string>>): number =>
        after(family, labels) - before(family, labels);
      for (const direction of ["in", "out"]) {
        expect(grown("instance_network_interface_packets", { direction })).toBeGreaterThanOrEqual(count);
        const bytes = grown("instance_network_interface_bytes", { direction });
        expect(bytes).toBeGreaterThanOrEqual(count * (14 + 20 + 8 + size));
        expect(bytes).toBeLessThan(count * (14 + 20 + 8 + size) + 20_000);
      }
      expect(grown("opte_port_layer_denied", { layer: "nat", direction: "out" })).toBe(3);
      expect(grown("opte_port_drops", { direction: "out", reason: "layer" })).toBe(3);
      expect(grown("opte_port_uft_misses", { direction: "out" })).toBeGreaterThanOrEqual(2);
      expect(after("opte_port_uft_flows", { direction: "out" })).toBeGreaterThanOrEqual(1);
      expect(grown("opte_port_snat_exhausted")).toBe(0);
    });

    test("who talks to whom is what the guest's own kernel says", async () => {
      const { sled, key } = placeOf("web");
      const [v4] = addressesOf("db");
      const place = placeOf("db");
      const ends: Background[] = [];
      for (const port of ["7001", "7002"]) {
        ends.push(await rack.begin(place.sled, place.key, "busybox", "nc", "-ll", "-p", port, "-e", "cat"));
        await expect.poll(async () => (await inside("db", "ss", "-ltnH")).stdout).toContain(`:${port} `);
        ends.push(await rack.begin(sled, key, "busybox", "nc", v4, port, "-e", "busybox", "sleep", "600"));
      }
      const said = async (): Promise<readonly string[]> =>
        (await inside("web", "ss", "-tnH", "state", "established")).stdout
          .trim()
          .split("\n")
          .map((line) => line.trim().split(/\s+/).slice(2, 4).join(" ").replaceAll(/[[\]]/g, ""))
          .toSorted();
      const seen = async (): Promise<readonly string[]> =>
        (await rack.connections(sled))
          .filter(({ owner, state }) => owner === "web" && state === "ESTABLISHED")
          .map(({ local, remote }) => `${local.address}:${local.port} ${remote.address}:${remote.port}`)
          .toSorted();
      await expect.poll(async () => (await said()).length).toBe(2);
      await expect.poll(seen).toEqual(await said());
      expect((await rack.connections(sled)).every(({ is_within_vpc: isWithin }) => isWithin)).toBe(true);
      for (const end of ends) await end.stop("SIGKILL");
    });

    test("one that moves goes on at the other sled with its addresses", async () => {
      const { sled } = placeOf("db");
      const { id } = await ok(rack.api.instanceView({ path: { instance: "db" }, query: { project } }));
      const sledIds = await ok(rack.api.sledList({}));
      const other = sledNames.find((name) => name !== sled) ?? "s1";
      const target = sledIds.items.find(({ baseboard }) => baseboard.serial === other)?.id;
      const moved = await fetch(`${rack.url}/v1/instances/${id}/move`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sled: target }),
      });
      expect(moved.status).toBe(202);
      await expect.poll(() => stateOf("db")).toBe("running");
      await expect.poll(() => rack.guests(sled)).toEqual([]);
      places.set("db", { sled: other, key: rack.guests(other).find((key) => key.startsWith(id)) ?? "" });
      for (const address of addressesOf("db")) {
        await expect
          .poll(async () => (await inside("web", "busybox", "ping", "-c", "1", "-W", "1", address)).status)
          .toBe(0);
      }
    });

    test("one that ends by itself has failed, and starts anew when it is told to", async () => {
      const { sled, key } = placeOf("db");
      const pid = await rack.pidOf(sled, key);
      process.kill(pid ?? 0, "SIGKILL");
      await expect.poll(() => stateOf("db")).toBe("failed");
      await ok(rack.api.instanceStart({ path: { instance: "db" }, query: { project } }));
      await expect.poll(() => stateOf("db")).toBe("running");
    });

    test("deleted, they leave nothing behind", async () => {
      for (const name of ["web", "db"]) {
        await ok(rack.api.instanceStop({ path: { instance: name }, query: { project } }));
        await expect.poll(() => stateOf(name)).toBe("stopped");
        await ok(rack.api.instanceDelete({ path: { instance: name }, query: { project } }));
      }
      for (const sled of sledNames) {
        await expect.poll(() => rack.guests(sled)).toEqual([]);
        await expect.poll(() => rack.lab.ask(sled, "GET", "/ports")).toEqual([]);
        expect(JSON.parse(rack.lab.ip(sled, "-json", "link", "show", "type", "veth"))).toHaveLength(1);
      }
      const ids = [...places.values()].map(({ key }) => key.split(".")[0] ?? "");
      expect(readdirSync("/run/netns").filter((name) => ids.some((id) => name.startsWith(id)))).toEqual([]);
    });
  },
);
