import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { Connection } from "../channel/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import { modulePath } from "../host/index.ts";
import type { Plan } from "../topology/index.ts";
import { preflight } from "./preflight.ts";
import type { LaunchRequest, TestbedEvent } from "./protocol.ts";
import { claimRunDirectory, runFiles } from "./run-directory.ts";
import { sweepDeadRuns } from "./sweep.ts";
import { Testbed } from "./testbed.ts";

/** How to launch; all have defaults. */
export interface LaunchOptions {
  /** Name of the testbed; the topology's name when absent. */
  readonly name?: string;
  /** Folder that relative paths of the plan are in; the working directory when absent. */
  readonly topologyDirectory?: string;
  readonly cold?: boolean;
  readonly accelerator?: LaunchRequest["accelerator"];
  /** End the testbed when this process goes, in whatever way. */
  readonly attached?: boolean;
  readonly onEvent?: (event: TestbedEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Start a testbed and wait until every node of it is ready. Until then it is this process's: if this one is killed or
 * the signal aborted, all that was started goes away. Afterwards it runs by itself.
 *
 * @throws KestrelError saying which step failed at which node, or that the name is taken, or that the host is too small
 */
export async function launchTestbed(plan: Plan, options: LaunchOptions = {}): Promise<Testbed> {
  const name = options.name ?? plan.name;
  options.signal?.throwIfAborted();
  await sweepDeadRuns();
  preflight(plan, await openFilesLimit());
  const directory = await claimRunDirectory(name);
  const request: LaunchRequest = {
    name,
    plan,
    topologyDirectory: options.topologyDirectory ?? process.cwd(),
    cold: options.cold ?? false,
    accelerator: options.accelerator ?? "auto",
    attached: options.attached ?? false,
  };
  const { connection, gone, unref } = startSupervisor(directory, options.onEvent);
  const abort = (): void => {
    // The supervisor tears everything down when its launcher is gone.
    connection.close();
  };
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    await connection.request("start", request);
  } catch (error) {
    connection.close();
    await gone;
    options.signal?.throwIfAborted();
    throw error instanceof KestrelError ? error : await supervisorDied(directory, error);
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
  unref();
  if (!request.attached) connection.close();
  return Testbed.connect(name);
}

function startSupervisor(
  directory: string,
  onEvent: LaunchOptions["onEvent"],
): { readonly connection: Connection; readonly gone: Promise<void>; readonly unref: () => void } {
  const main = modulePath(import.meta.url, "./supervisor-main");
  const log = openSync(join(directory, runFiles.supervisorLog), "a", 0o600);
  const child = spawn(process.execPath, [main, directory], {
    // A session of its own: the terminal's interrupt is for the launcher, which then lets go in order.
    detached: true,
    stdio: ["ignore", log, log, "pipe"],
  });
  closeSync(log);
  const socket = child.stdio[3] as Duplex & { unref(): void };
  const connection = new Connection(
    socket,
    {
      events: async (channel) => {
        for await (const event of channel.messages) onEvent?.(event as TestbedEvent);
        return null;
      },
    },
    { peer: "the supervisor" },
  );
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => {
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
  return {
    connection,
    gone,
    unref: () => {
      child.unref();
      socket.unref();
    },
  };
}

async function supervisorDied(directory: string, cause: unknown): Promise<KestrelError> {
  const log = await readFile(join(directory, runFiles.supervisorLog), "utf8").catch(() => "");
  await sweepDeadRuns();
  await rm(directory, { recursive: true, force: true });
  return new KestrelError(
    {
      kind: "internal",
      step: "start the supervisor",
      subject: directory,
      expected: "a supervisor that starts the testbed",
      found: cause instanceof Error ? cause.message : String(cause),
      lastWords: log
        .split("\n")
        .filter((line) => line !== "")
        .slice(-15),
    },
    { cause },
  );
}

/** The soft limit of open files of this process, which its children inherit. */
async function openFilesLimit(): Promise<number> {
  const soft = /^Max open files\s+(\S+)/m.exec(await readFile("/proc/self/limits", "latin1"))?.[1];
  return soft === undefined || soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft);
}
