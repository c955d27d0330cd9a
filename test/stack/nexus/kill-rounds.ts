import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { randomSource } from "../../../src/stack/daemon/random.ts";
import { Store } from "../../../src/stack/nexus/store/store.ts";
import { startNexus } from "./nexus-fixture.ts";

interface Mutation {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/** The n-th of an endless row of mutations, all of which succeed in this order. */
function mutation(n: number): Mutation {
  const round = Math.floor(n / 10);
  const project = `p${round}`;
  const identity = (name: string) => ({ name, description: `of round ${round}` });
  const inVpc = `project=${project}&vpc=default`;
  const rule = (at: number) => ({
    ...identity(`rule${at}`),
    action: "allow",
    direction: "inbound",
    filters: {},
    priority: at,
    status: "enabled",
    targets: [{ type: "vpc", value: "default" }],
  });
  const row: readonly Mutation[] = [
    { method: "POST", path: "/v1/projects", body: identity(project) },
    {
      method: "POST",
      path: `/v1/vpc-subnets?${inVpc}`,
      body: { ...identity("s1"), ipv4_block: "10.0.0.0/24" },
    },
    {
      method: "PUT",
      path: `/v1/vpc-firewall-rules?${inVpc}`,
      body: { rules: Array.from({ length: 100 }, (_, at) => rule(at)) },
    },
    {
      method: "POST",
      path: `/v1/instances?project=${project}`,
      body: { ...identity("i1"), hostname: "i1", ncpus: 1, memory: 2 ** 30, start: false },
    },
    { method: "POST", path: `/v1/system/ip-pools`, body: identity(`pool${round}`) },
    {
      method: "POST",
      path: `/v1/system/ip-pools/pool${round}/ranges/add`,
      body: { first: `192.0.${round % 256}.0`, last: `192.0.${round % 256}.255` },
    },
    { method: "POST", path: `/v1/system/ip-pools/pool${round}/silos`, body: { silo: "default", is_default: false } },
    {
      method: "POST",
      path: `/v1/floating-ips?project=${project}`,
      body: {
        ...identity("f1"),
        address_allocator: { type: "auto", pool_selector: { type: "explicit", pool: `pool${round}` } },
      },
    },
    {
      method: "POST",
      path: `/v1/floating-ips/f1/attach?project=${project}`,
      body: { kind: "instance", parent: "i1" },
    },
    { method: "DELETE", path: `/v1/instances/i1?project=${project}` },
  ];
  const chosen = row[n % row.length];
  if (chosen === undefined) throw new Error("no mutation");
  return chosen;
}

async function send(url: string, n: number): Promise<number> {
  const { method, path, body } = mutation(n);
  const answer = await fetch(`${url}${path}`, { method, body: body === undefined ? null : JSON.stringify(body) });
  await answer.text();
  return answer.status;
}

/** A dump without its times, which are another's each run. */
function timeless(dump: string): string {
  return dump.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

/** Databases as they are after 0, 1, 2, … mutations. */
class Reference implements AsyncDisposable {
  readonly #dumps: string[] = [];
  readonly #nexus: Awaited<ReturnType<typeof startNexus>>;

  private constructor(nexus: Awaited<ReturnType<typeof startNexus>>) {
    this.#nexus = nexus;
    this.#dumps.push(timeless(nexus.nexus.store.dump()));
  }

  static async start(): Promise<Reference> {
    return new Reference(await startNexus({ sleds: 0, switches: 0 }));
  }

  async after(count: number): Promise<string> {
    while (this.#dumps.length <= count) {
      const n = this.#dumps.length - 1;
      const status = await send(this.#nexus.url, n);
      if (status > 299) throw new Error(`mutation ${n}: ${status}`);
      this.#dumps.push(timeless(this.#nexus.nexus.store.dump()));
    }
    return this.#dumps[count] ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nexus[Symbol.asyncDispose]();
  }
}

/** What came of the rounds. */
export interface KillOutcome {
  /** Mutations that are in the database at the end. */
  readonly mutations: number;
  /** Rounds that ended in the midst of a mutation, and of these those whose mutation is there. */
  readonly interrupted: number;
  readonly completed: number;
  readonly faults: readonly string[];
}

/**
 * Kill a nexus that mutates its database, over and over, each time at another moment. After each the database must open,
 * be sound, and be exactly as after the mutations that were answered, or one more.
 */
export async function killRounds(rounds: number, seed: string): Promise<KillOutcome> {
  const random = randomSource(seed, "kill");
  const directory = await mkdtemp(join(tmpdir(), "kestrel-nexus-"));
  const database = join(directory, "nexus.db");
  const configuration = join(directory, "nexusd.json");
  const faults: string[] = [];
  let [done, interrupted, completed] = [0, 0, 0];
  let longestMs = 5;
  try {
    await using reference = await Reference.start();
    const racks = [{ name: "rack0", sleds: [], switches: [] }];
    const listen = { host: "127.0.0.1", port: 0 };
    const guest_dns = ["198.51.100.53", "2001:db8::53"];
    await writeFile(configuration, JSON.stringify({ listen, database, seed: "test", racks, guest_dns }));
    for (let round = 0; round < rounds && faults.length === 0; round++) {
      const { child, url } = await startProcess(configuration);
      const unharmed = random.below(5);
      let killer: NodeJS.Timeout | undefined;
      const exited = once(child, "exit");
      let isCut = false;
      for (let sent = 0; !isCut; sent++) {
        // Some time within the mutation, or the next ones.
        if (sent === unharmed) killer = setTimeout(() => child.kill("SIGKILL"), random.below(Math.ceil(longestMs) + 1));
        const startedAt = performance.now();
        const status = await send(url, done).catch(() => undefined);
        if (status === undefined) isCut = true;
        else if (status > 299) {
          faults.push(`round ${round}: mutation ${done}: status ${status}`);
          isCut = true;
          child.kill("SIGKILL");
        } else {
          done += 1;
          longestMs = Math.max(longestMs, performance.now() - startedAt);
        }
      }
      await exited;
      clearTimeout(killer);
      interrupted += 1;
      using store = new Store({ file: database, seed: "test", timeText: () => "TIME" });
      faults.push(...store.integrityFaults().map((fault) => `round ${round}: ${fault}`));
      const found = timeless(store.dump());
      if (found === (await reference.after(done + 1))) {
        done += 1;
        completed += 1;
      } else if (found !== (await reference.after(done))) {
        faults.push(`round ${round}: the database is as after neither ${done} nor ${done + 1} mutations`);
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
  return { mutations: done, interrupted, completed, faults };
}

async function startProcess(configuration: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const module = fileURLToPath(new URL("./nexus-process.ts", import.meta.url));
  const child = spawn(process.execPath, [module, "--configuration", configuration], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { port } = JSON.parse(line) as { readonly port?: number };
    if (port === undefined) continue;
    child.stdout.resume();
    return { child, url: `http://127.0.0.1:${port}` };
  }
  throw new Error("nexusd did not come up");
}
