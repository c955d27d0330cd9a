import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Api } from "@oxide/api";
import { nativeProgram } from "../../../src/guest/native-program.ts";
import { SledMachines } from "../../../src/rack/machines/sled-machines.ts";
import { expect } from "vitest";
import { z } from "zod";
import { type Connection, connection } from "../../../src/stack/sled-agent/connections.ts";
import { freePort } from "../../host/free-port.ts";
import { type ReadSample, readOpenMetrics } from "../daemon/open-metrics-text.ts";
import { Background, type Finished, Laboratory } from "../opte/opted/laboratory.ts";

const agentEntry = fileURLToPath(new URL("run-entry.ts", import.meta.url));
const dnsdEntry = fileURLToPath(new URL("../directory/run-entry.ts", import.meta.url));
const nexusEntry = fileURLToPath(new URL("../nexus/nexus-process.ts", import.meta.url));

export const sleds = { s1: "fd00:1122:3344:101::1", s2: "fd00:1122:3344:102::1" } as const;
/** How many name servers there are. */
export const nameServers = 2;
export type SledName = keyof typeof sleds;
export const sledNames = ["s1", "s2"] as const;

/** Whether this machine lets light instances be made. */
export const instancesWork = process.getuid?.() === 0 && spawnSync("musl-gcc", ["--version"]).status === 0;

/**
 * Two sleds with a wire between them, each a network namespace with an opted; a sled-agent for each, and nexus, which speak to
 * each other over the loopback of this machine. All are processes of their own.
 */
export class AgentLaboratory implements AsyncDisposable {
  readonly lab = new Laboratory();
  readonly #agents = new Map<SledName, Background>();
  readonly #ports = new Map<SledName, number>();
  readonly #nameServers: (Background | undefined)[] = [];
  readonly #namePorts: { readonly dns: number; readonly admin: number }[] = [];
  #nexus: Background | undefined;
  #nexusPort = 0;

  static async start(): Promise<AgentLaboratory> {
    const laboratory = new AgentLaboratory();
    try {
      const { lab } = laboratory;
      for (const sled of sledNames) lab.sled(sled, sleds[sled]);
      lab.wire("s1", "u0", "s2", "u0");
      lab.route("s1", `${sleds.s2}/128`, { link: "u0", to: "s2", toLink: "u0" });
      lab.route("s2", `${sleds.s1}/128`, { link: "u0", to: "s1", toLink: "u0" });
      writeFileSync(laboratory.#program, await nativeProgram("instance-init"), { mode: 0o755 });
      await Promise.all(sledNames.map((sled) => lab.opted(sled, { underlay: ["u0", "u0"] })));
      for (const sled of sledNames) laboratory.#ports.set(sled, await freePort());
      for (let index = 0; index < nameServers; index++) {
        laboratory.#namePorts.push({ dns: await freePort(), admin: await freePort() });
        await laboratory.startNameServer(index);
      }
      laboratory.#nexusPort = await freePort();
      await Promise.all(sledNames.map((sled) => laboratory.startAgent(sled)));
      await laboratory.startNexus();
      return laboratory;
    } catch (error) {
      await laboratory[Symbol.asyncDispose]();
      throw error;
    }
  }

  get #program(): string {
    return join(this.lab.directory, "instance-init");
  }

  get url(): string {
    return `http://127.0.0.1:${this.#nexusPort}`;
  }

  get api(): Api["methods"] {
    return new Api({ host: this.url }).methods;
  }

  /** The guests' directories of a sled. */
  guests(sled: SledName): readonly string[] {
    return readdirSync(this.#guestDirectory(sled));
  }

  async startAgent(sled: SledName): Promise<void> {
    const configuration = {
      listen: { host: "127.0.0.1", port: this.#ports.get(sled) },
      underlay: sleds[sled],
      nameServers: this.#namePorts.map(({ dns }) => ({ address: "::1", port: dns })),
      opted: this.lab.socket(sled),
      dataDirectory: join(this.lab.directory, `${sled}-agent`),
      instanceDirectory: this.#guestDirectory(sled),
      instanceInit: this.#program,
    };
    const agent = this.#run(agentEntry, this.#file(`${sled}-agent.json`, configuration));
    this.#agents.set(sled, agent);
    await agent.line((line) => line.includes('"serving"'));
  }

  /** What the provider of machines asks of a sled. */
  machines(sled: SledName): SledMachines {
    const port = this.#ports.get(sled) ?? 0;
    return new SledMachines(
      () => Promise.resolve({ connect: () => Promise.resolve(connect(port, "127.0.0.1")) }),
      sled,
    );
  }

  /** Everything that a sled measures. */
  async metrics(sled: SledName): Promise<readonly ReadSample[]> {
    const answer = await fetch(`http://127.0.0.1:${this.#ports.get(sled)}/metrics`);
    expect(answer.headers.get("content-type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    return readOpenMetrics(await answer.text());
  }

  /** The TCP connections of a sled's guests. */
  async connections(sled: SledName): Promise<readonly Connection[]> {
    const answer = await fetch(`http://127.0.0.1:${this.#ports.get(sled)}/v1/connections`);
    return z.array(connection).parse(await answer.json());
  }

  async killAgent(sled: SledName): Promise<void> {
    await this.#agents.get(sled)?.stop("SIGKILL");
  }

  async startNexus(): Promise<void> {
    const configuration = {
      listen: { host: "127.0.0.1", port: this.#nexusPort },
      database: join(this.lab.directory, "nexus.db"),
      seed: "laboratory",
      guest_dns: ["198.51.100.53", "2001:db8::53"],
      name_servers: this.#namePorts.map(({ admin }, index) => ({
        ...{ name: `dns${index}`, address: "::1", agent: { host: "::1", port: admin } },
      })),
      racks: [
        {
          name: "rack0",
          sleds: sledNames.map((name) => ({
            name,
            underlay: sleds[name],
            agent: { host: "127.0.0.1", port: this.#ports.get(name) },
          })),
          switches: [],
        },
      ],
    };
    this.#nexus = this.#run(nexusEntry, this.#file("nexus.json", configuration));
    await this.#nexus.line((line) => line.includes('"serving"'));
  }

  async startNameServer(index: number): Promise<void> {
    const { dns, admin } = this.#namePorts[index] ?? { dns: 0, admin: 0 };
    const configuration = {
      listen: { address: "::1", port: dns },
      admin: { host: "::1", port: admin },
      dataDirectory: join(this.lab.directory, `dns${index}`),
    };
    const server = this.#run(dnsdEntry, this.#file(`dns${index}.json`, configuration));
    this.#nameServers[index] = server;
    await server.line((line) => line.includes('"serving"'));
  }

  async killNameServer(index: number): Promise<void> {
    await this.#nameServers[index]?.stop("SIGKILL");
  }

  async killNexus(): Promise<void> {
    await this.#nexus?.stop("SIGKILL");
  }

  /** What an agent has printed. */
  said(sled: SledName): readonly string[] {
    return this.#agents.get(sled)?.lines ?? [];
  }

  /** The number that a guest's first process has outside; undefined if there is no such guest. */
  async pidOf(sled: SledName, key: string): Promise<number | undefined> {
    const keeper = connect(join(this.#guestDirectory(sled), key, "control"));
    try {
      const [words] = (await once(keeper, "data")) as [Buffer];
      return (JSON.parse(words.toString()) as { readonly pid: number }).pid;
    } catch {
      return undefined;
    } finally {
      keeper.destroy();
    }
  }

  /** Run a program in a guest, in all its namespaces. */
  async inside(sled: SledName, key: string, ...command: readonly string[]): Promise<Finished> {
    const child = await this.#enter(sled, key, command);
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [status] = (await once(child, "close")) as [number | null];
    return { status, stdout, stderr };
  }

  /** The same in the background. */
  async begin(sled: SledName, key: string, ...command: readonly string[]): Promise<Background> {
    return new Background(await this.#enter(sled, key, command));
  }

  async #enter(sled: SledName, key: string, command: readonly string[]): Promise<ChildProcess> {
    const pid = await this.pidOf(sled, key);
    if (pid === undefined) throw new Error(`${key} does not run at ${sled}`);
    const namespaces = ["-m", "-u", "-i", "-n", "-p", "-r", "-w"];
    return spawn("nsenter", ["-t", String(pid), ...namespaces, ...command], { stdio: ["ignore", "pipe", "pipe"] });
  }

  #guestDirectory(sled: SledName): string {
    const directory = join(this.lab.directory, sled);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  #file(name: string, content: object): string {
    const file = join(this.lab.directory, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  }

  #run(entry: string, configuration: string): Background {
    const command = [entry, "--configuration", configuration];
    return new Background(spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killNexus();
    for (let index = 0; index < nameServers; index++) await this.killNameServer(index);
    for (const sled of sledNames) {
      await this.killAgent(sled);
      for (const key of this.guests(sled)) {
        const keeper = connect(join(this.#guestDirectory(sled), key, "control"));
        const ended = once(keeper, "close");
        keeper.on("error", () => undefined).resume();
        keeper.write("stop\n");
        await ended;
      }
    }
    await this.lab[Symbol.asyncDispose]();
  }
}
