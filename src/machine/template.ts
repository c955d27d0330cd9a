import { createHash } from "node:crypto";
import { open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { KestrelError } from "../error/kestrel-error.ts";
import {
  acquireLock,
  ensureDirectory,
  identityWord,
  isAlive,
  ownIdentity,
  parseIdentityWord,
  sha256Json,
} from "../host/index.ts";
import { type Accelerator, type DirectBoot, type MachineSpec, type NicSpec, slotMac } from "./machine-spec.ts";
import { nicId, qemuArguments } from "./qemu-arguments.ts";
import { lastConsoleLines } from "./console-words.ts";
import { migrationCompletes, prepareMigration } from "./migration.ts";
import { QemuProcess } from "./qemu-process.ts";

/** Everything that shapes a machine before it has an identity; two machines alike in this are clones of one template. */
export interface TemplateFacts {
  readonly imageDigest: string;
  /** Digest of the code that runs in the guest. */
  readonly stackDigest: string;
  readonly qemuDigest: string;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly nicCount: number;
  readonly dataDiskMiB: number | null;
}

/** A booted machine frozen in memory. */
export interface Template {
  readonly key: string;
  readonly directory: string;
  readonly memoryFile: string;
  readonly stateFile: string;
}

/** What is needed to make a template that is not there yet. */
export interface TemplateRequest {
  readonly facts: TemplateFacts;
  readonly machine: MachineSpec["machine"];
  readonly boot: DirectBoot;
  /** A data disk of the right size that the frozen guest has not opened; `null` without one. */
  readonly dataDisk: string | null;
  readonly qemu: string;
  /** Directory of all templates. */
  readonly directory: string;
  readonly tscKilohertz: number | null;
  /** Resolves when the guest says that it is parked and may be frozen. */
  readonly parked: (agent: Duplex) => Promise<void>;
  /** Milliseconds that the guest has to park. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (message: string) => void;
}

interface TemplateRecord {
  /** Layout of this record and of the files beside it, and the devices of the machine as far as no fact tells them. */
  readonly version: number;
  readonly facts: TemplateFacts;
  readonly memoryBytes: number;
  /** Any later write changes it: the cheap sign of a corrupt memory file. Milliseconds. */
  readonly memoryModifiedMs: number;
  readonly stateSha256: string;
  readonly buildMs: number;
}

const recordName = "template.json";
const recordVersion = 2;

/** Name of a template: a digest of its facts and of the command line that QEMU gets for it. */
function templateKey(request: TemplateRequest): string {
  const memory = { type: "template", file: "memory" } as const;
  const spec = unidentifiedSpec("template", request);
  const command = qemuArguments(spec, { memory, consoleLog: "console.log", tscKilohertz: request.tscKilohertz });
  return sha256Json({ version: recordVersion, facts: request.facts, command }).slice(0, 32);
}

/**
 * The template for these facts, from the cache or made now. Makers of the same one wait for the first.
 * A corrupt template is thrown away and made again.
 *
 * @throws KestrelError (host) with the console's last lines when the guest does not park in time
 */
export async function ensureTemplate(request: TemplateRequest): Promise<Template> {
  const key = templateKey(request);
  const directory = join(request.directory, key);
  const ready = await readTemplate(directory, key);
  if (ready !== undefined) return ready;
  await ensureDirectory(request.directory);
  await using _lock = await acquireLock(`${directory}.lock`, {
    purpose: "make a machine template",
    timeoutMs: request.deadlineMs * 2,
    signal: request.signal,
    onWait: (holder) =>
      request.onProgress?.(`waiting for process ${holder?.pid ?? "?"}, which makes the same template`),
  });
  const made = await readTemplate(directory, key);
  if (made !== undefined) return made;
  await removeLeftovers(request.directory);
  await rm(directory, { recursive: true, force: true });
  const building = `${directory}.${identityWord(ownIdentity())}.building`;
  try {
    await ensureDirectory(building);
    await buildTemplate(request, building);
    await rename(building, directory);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  const template = await readTemplate(directory, key);
  if (template === undefined) throw new Error(`the template ${key} is not readable after it was made`);
  return template;
}

/** The machine that a template is made of, under the given name: no NIC is connected to anything. */
export function unidentifiedSpec(
  name: string,
  { facts, machine, boot, dataDisk }: Pick<TemplateRequest, "facts" | "machine" | "boot" | "dataDisk">,
): MachineSpec {
  const { accelerator, memoryMiB, cpus, nicCount } = facts;
  const nics: NicSpec[] = Array.from({ length: nicCount }, (_, slot) => ({
    backend: { type: "none" },
    mac: slotMac(slot),
  }));
  return { name, machine, accelerator, memoryMiB, cpus, boot, dataDisk, nics, userNetworks: [] };
}

/** Throw a template away: it did not come alive as it should. */
export async function discardTemplate(template: Template): Promise<void> {
  await rm(template.directory, { recursive: true, force: true });
}

/** One template in the cache. */
export interface TemplateListing {
  readonly key: string;
  readonly facts: TemplateFacts;
  /** Bytes on the disk; the memory file is sparse. */
  readonly bytes: number;
  readonly lastUsed: Date;
}

/** All complete templates of a cache directory, newest use first. */
export async function listTemplates(directory: string): Promise<readonly TemplateListing[]> {
  const names = await readdir(directory).catch(() => []);
  const listings = await Promise.all(names.map((name) => listTemplate(join(directory, name), name)));
  return listings
    .filter((listing) => listing !== undefined)
    .toSorted((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

/** Remove the templates that were not used since `before`, and what interrupted makers left. Returns the keys removed. */
export async function collectTemplates(directory: string, before: Date): Promise<readonly string[]> {
  await removeLeftovers(directory);
  const stale = (await listTemplates(directory)).filter(({ lastUsed }) => lastUsed < before);
  for (const { key } of stale) await rm(join(directory, key), { recursive: true, force: true });
  return stale.map(({ key }) => key);
}

async function listTemplate(directory: string, key: string): Promise<TemplateListing | undefined> {
  const record = await readRecord(directory);
  if (record === undefined) return undefined;
  try {
    const [memory, used] = await Promise.all([stat(join(directory, "memory")), stat(join(directory, recordName))]);
    return { key, facts: record.facts, bytes: memory.blocks * 512, lastUsed: used.mtime };
  } catch {
    return undefined;
  }
}

async function readRecord(directory: string): Promise<TemplateRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(join(directory, recordName), "utf8")) as TemplateRecord | null;
    return record?.version === recordVersion ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The template in a directory when it is complete and unchanged since it was made; undefined otherwise. */
async function readTemplate(directory: string, key: string): Promise<Template | undefined> {
  const record = await readRecord(directory);
  if (record === undefined) return undefined;
  const template = { key, directory, memoryFile: join(directory, "memory"), stateFile: join(directory, "state") };
  try {
    const [memory, state] = await Promise.all([stat(template.memoryFile), readFile(template.stateFile)]);
    const intact =
      memory.size === record.memoryBytes &&
      memory.mtimeMs === record.memoryModifiedMs &&
      createHash("sha256").update(state).digest("hex") === record.stateSha256;
    if (!intact) return undefined;
    const now = new Date();
    await utimes(join(directory, recordName), now, now);
    return template;
  } catch {
    return undefined;
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const maker = /^[0-9a-f]{32}\.(?<maker>.+)\.building$/.exec(name)?.groups?.["maker"];
    const identity = maker === undefined ? undefined : parseIdentityWord(maker);
    if (identity !== undefined && !isAlive(identity)) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

async function buildTemplate(request: TemplateRequest, directory: string): Promise<void> {
  const started = performance.now();
  const { facts } = request;
  const memoryFile = join(directory, "memory");
  const consoleLog = join(directory, "console.log");
  const spec = unidentifiedSpec(`template/${templateKey(request).slice(0, 8)}`, request);
  const qemu = QemuProcess.start({
    name: spec.name,
    executable: request.qemu,
    arguments: [
      ...qemuArguments(spec, {
        memory: { type: "template", file: memoryFile },
        consoleLog,
        tscKilohertz: request.tscKilohertz,
      }),
      "-S",
    ],
    workingDirectory: directory,
  });
  const deadline = AbortSignal.timeout(request.deadlineMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  const onAbort = (): void => void qemu.kill();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    qemu.console.resume();
    await qemu.whileRunning("boot the template", bootAndFreeze(qemu, request, directory));
    const state = await readFile(join(directory, "state"));
    const memory = await stat(memoryFile);
    const record: TemplateRecord = {
      version: recordVersion,
      facts,
      memoryBytes: memory.size,
      memoryModifiedMs: memory.mtimeMs,
      stateSha256: createHash("sha256").update(state).digest("hex"),
      buildMs: Math.round(performance.now() - started),
    };
    await writeFile(join(directory, recordName), JSON.stringify(record), { mode: 0o600 });
  } catch (cause) {
    request.signal?.throwIfAborted();
    const qemuWords = cause instanceof KestrelError ? (cause.explanation.lastWords ?? []) : [];
    throw new KestrelError(
      {
        kind: "host",
        step: "boot the template",
        subject: spec.name,
        expected: `a parked guest agent within ${Math.round(request.deadlineMs / 1000)} s`,
        found: deadline.aborted || !(cause instanceof KestrelError) ? "none" : cause.explanation.found,
        hint: "the last lines of QEMU and the console say how far it came; `kestrel doctor` checks this host",
        lastWords: [...qemuWords, ...lastConsoleLines(await readFile(consoleLog, "utf8").catch(() => ""))],
      },
      { cause },
    );
  } finally {
    signal.removeEventListener("abort", onAbort);
    await qemu.kill();
  }
}

async function bootAndFreeze(qemu: QemuProcess, request: TemplateRequest, directory: string): Promise<void> {
  const { qmp } = qemu;
  await qmp.negotiate();
  for (let slot = 0; slot < request.facts.nicCount; slot++)
    await qmp.execute("set_link", { name: nicId(slot), up: false });
  request.onProgress?.("booting the template machine");
  await qmp.execute("cont");
  await request.parked(qemu.agent);
  request.onProgress?.("freezing it");
  await qmp.execute("stop");
  await prepareMigration(qmp);
  const completes = migrationCompletes(qmp);
  completes.catch(() => undefined);
  const state = await receiveState(directory, (uri) => qmp.execute("migrate", { uri }));
  if (!(await completes)) throw new Error("QEMU could not write the state of the template");
  await writeFile(join(directory, "state"), state, { mode: 0o600 });
}

/** Take the state that QEMU sends: it can connect to a socket in every version, and to a file only since 8.2. */
async function receiveState(directory: string, migrate: (uri: string) => Promise<unknown>): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const server = createServer((connection) => {
    const chunks: Buffer[] = [];
    connection.on("data", (chunk) => chunks.push(chunk));
    connection.on("error", reject);
    connection.on("end", () => {
      resolve(Buffer.concat(chunks));
    });
  });
  // The absolute path may be too long for a socket; through a descriptor of the directory it never is.
  await using handle = await open(directory, "r");
  try {
    await new Promise<void>((listening, failed) => {
      server.once("error", failed);
      server.listen(`/proc/self/fd/${handle.fd}/m`, listening);
    });
    await migrate("unix:m");
    return await promise;
  } finally {
    server.close();
    await rm(join(directory, "m"), { force: true });
  }
}
