import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MachineHost, MachineProvider } from "../../../src/rack/machines/provider.ts";
import type { MachineEntry } from "../../../src/stack/sled-agent/machine-interface.ts";
import { ok } from "../../stack/nexus/nexus-fixture.ts";
import {
  busyboxWorks,
  type GuestPrograms,
  type Laboratory,
  namespacesWork,
} from "../../stack/opte/opted/laboratory.ts";
import { AgentLaboratory, instancesWork, type SledName, sledNames } from "../../stack/sled-agent/agent-laboratory.ts";

const project = "p";
const dhcpScript = fileURLToPath(new URL("../../stack/opte/opted/dhcp-script.sh", import.meta.url));
const names = ["machine0", "machine1"] as const;
/** Where the far ends of wires are that are plugged into nothing. */
const shelf = "shelf";

/** Machines that are network namespaces, each with a wire to the port of its name at a sled. */
class NamespaceMachines implements MachineHost {
  readonly #lab: Laboratory;
  readonly #places = new Map<string, string>();
  readonly recycled: string[] = [];

  constructor(lab: Laboratory) {
    this.#lab = lab;
    lab.add(shelf);
    for (const name of names) {
      lab.add(name);
      lab.wire(shelf, name, name, "net0", 1500);
      lab.ip(name, "link", "set", "net0", "gso_max_segs", "1");
      this.#places.set(name, shelf);
    }
  }

  #move(machine: string, to: string): void {
    const from = this.#places.get(machine) ?? shelf;
    if (from !== to) this.#lab.ip(from, "link", "set", machine, "netns", this.#lab.namespace(to));
    this.#places.set(machine, to);
    this.#lab.ip(to, "link", "set", machine, "up");
  }

  plug(machine: string, sled: string): Promise<void> {
    this.#move(machine, sled);
    return Promise.resolve();
  }

  unplug(machine: string): Promise<void> {
    this.#move(machine, shelf);
    return Promise.resolve();
  }

  personalise(machine: string, { mac }: MachineEntry): Promise<void> {
    for (const change of [["down"], ["address", mac], ["up"]]) this.#lab.ip(machine, "link", "set", "net0", ...change);
    return Promise.resolve();
  }

  recycle(machine: string): Promise<void> {
    this.#lab.ip(machine, "address", "flush", "dev", "net0");
    this.recycled.push(machine);
    return Promise.resolve();
  }
}

describe.skipIf(!namespacesWork || !busyboxWorks || !instancesWork)(
  "instances that are machines, of nexus, sled-agents, opteds and the provider (network namespaces: root, busybox)",
  () => {
    let rack: AgentLaboratory;
    let machines: NamespaceMachines;
    const ended = new AbortController();
    let running: Promise<void>;
    const programs = new Map<string, GuestPrograms>();

    const ask = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
      const answer = await fetch(`${rack.url}/v1${path}`, {
        ...{ method, headers: { "content-type": "application/json" } },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const said = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${said}`);
      return (said === "" ? {} : JSON.parse(said)) as Record<string, unknown>;
    };
    const stateOf = async (name: string): Promise<unknown> =>
      (await ask("GET", `/instances/${name}?project=${project}`))["run_state"];
    /** The sled that an instance is at, its machine, and its address. */
    const find = async (
      name: string,
    ): Promise<{ readonly sled: SledName; readonly machine: string; readonly ip: string }> => {
      const { id } = await ask("GET", `/instances/${name}?project=${project}`);
      const { items } = await ok(rack.api.instanceNetworkInterfaceList({ query: { project, instance: name } }));
      const stack = items[0]?.ipStack;
      for (const sled of sledNames) {
        const list = await rack.machines(sled).list();
        const entry = list.machines.find(({ key, phase }) => key.startsWith(`${String(id)}.`) && phase === "here");
        if (typeof entry?.machine === "string" && stack?.type === "dual_stack") {
          return { sled, machine: entry.machine, ip: stack.value.v4.ip };
        }
      }
      throw new Error(`${name} is at no sled`);
    };
    const create = (name: string) =>
      ask("POST", `/instances?project=${project}`, {
        ...{ name, description: "", hostname: name, ncpus: 1, memory: 1024 ** 3, kind: "vm" },
      });
    const talk = (name: string, text: string, accepted: boolean) =>
      programs.get(name)?.do({ order: "talk", text, accepted });

    beforeAll(async () => {
      rack = await AgentLaboratory.start();
      machines = new NamespaceMachines(rack.lab);
      const agents = new Map(sledNames.map((sled) => [sled, rack.machines(sled)]));
      const provider = new MachineProvider({ agents, machines: names, host: machines, log: () => undefined });
      running = provider.run(ended.signal);
      for (const name of names) provider.noteMachine(name, true);
      await ok(rack.api.projectCreate({ body: { name: project, description: "" } }));
    }, 120_000);
    afterAll(async () => {
      ended.abort();
      await running;
      await rack[Symbol.asyncDispose]();
    });

    test("each gets a machine, which has its address of OPTE, and a third gets none", async () => {
      for (const name of ["web", "db"]) {
        await create(name);
        await expect.poll(() => stateOf(name)).toBe("running");
        const { machine, ip } = await find(name);
        const client = ["busybox", "udhcpc", "-i", "net0", "-n", "-q", "-f", "-t", "10", "-T", "2", "-s", dhcpScript];
        const { status, stderr } = await rack.lab.attempt(machine, ...(client as [string, ...string[]]));
        expect(status, stderr).toBe(0);
        expect(rack.lab.ip(machine, "-4", "-brief", "address", "show", "net0")).toContain(`${ip}/32`);
        programs.set(name, await rack.lab.programs(machine));
      }
      await create("third");
      await expect.poll(() => stateOf("third")).toBe("failed");
      await ask("POST", `/instances/third/stop?project=${project}`);
      await expect.poll(() => stateOf("third")).toBe("stopped");
      await ask("DELETE", `/instances/third?project=${project}`);
    });

    test(
      "one that moves keeps its machine and its connection: the other end speaks first",
      { timeout: 120_000 },
      async () => {
        const [web, db] = [await find("web"), await find("db")];
        await ask("PUT", `/vpc-firewall-rules?project=${project}&vpc=default`, {
          rules: [
            {
              ...{
                name: "to-db",
                description: "",
                status: "enabled",
                direction: "inbound",
                action: "allow",
                priority: 100,
              },
              ...{ targets: [{ type: "instance", value: "db" }], filters: {} },
            },
          ],
        });
        await programs.get("db")?.do({ order: "echo", port: 5002 });
        await programs.get("web")?.do({ order: "open", address: db.ip, port: 5002 });
        expect(await talk("web", "before", false)).toBe("before");
        const away = web.sled === "s1" ? "s2" : "s1";
        const { items } = await ok(rack.api.sledList({}));
        const id = items.find(({ baseboard }) => baseboard.serial === away)?.id;
        await ask("POST", `/instances/web/move?project=${project}`, { sled: id });
        await expect.poll(() => stateOf("web")).toBe("running");
        expect(await find("web")).toEqual({ ...web, sled: away });
        expect(await talk("db", "after", true)).toBe("after");
        expect(await talk("web", "and back", false)).toBe("and back");
      },
    );

    test("an agent that is killed loses no machine, and its port goes on", { timeout: 120_000 }, async () => {
      const { sled, machine } = await find("web");
      await rack.killAgent(sled);
      expect(await talk("web", "without an agent", false)).toBe("without an agent");
      await rack.startAgent(sled);
      expect((await find("web")).machine).toBe(machine);
      await expect.poll(() => stateOf("web")).toBe("running");
      expect(await talk("db", "with one again", true)).toBe("with one again");
    });

    test("one that stops gives its machine back, anew", async () => {
      const { machine } = await find("web");
      await ask("POST", `/instances/web/stop?project=${project}`);
      await expect.poll(() => stateOf("web")).toBe("stopped");
      expect(machines.recycled).toEqual([machine]);
      await ask("POST", `/instances/web/start?project=${project}`);
      await expect.poll(() => stateOf("web")).toBe("running");
      expect((await find("web")).machine).toBe(machine);
    });
  },
);
