/**
 * The process of a supervisor. It is started by {@link launchTestbed} with a connected socket on descriptor 3, over which
 * the launcher asks it to start a testbed in the run directory given as argument, and follows the events.
 */
import { chmodSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, Socket } from "node:net";
import { Connection } from "../channel/index.ts";
import { describeError } from "../error/kestrel-error.ts";
import { keepPriorityInSession } from "../host/index.ts";
import type { LaunchRequest } from "./protocol.ts";
import { runFiles } from "./run-directory.ts";
import { supervisorMethods } from "./supervisor-methods.ts";
import { Supervisor } from "./supervisor.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: supervisor-main RUN-DIRECTORY");

/** Milliseconds that a client has to hang up after it got the last answer. */
const hangUpMs = 1_000;

process.umask(0o077);
keepPriorityInSession();
let supervisor: Supervisor | undefined;

const launcher = new Connection(
  new Socket({ fd: 3, readable: true, writable: true }),
  { start: ({ params }) => startSupervisor(params as LaunchRequest) },
  { peer: "the launcher" },
);

void launcher.closed.then(async () => {
  // Before it is ready a testbed is its launcher's; after that it is on its own, unless it was asked to stay attached.
  if (supervisor === undefined) process.exit(0);
  if (supervisor.state === "starting" || supervisor.attached) await end(supervisor);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (supervisor === undefined) process.exit(0);
    void end(supervisor);
  });
}

// A fault of ours must not leave machines behind without anybody who knows of them.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${describeError(error)}\n${error.stack ?? ""}\n`);
  if (supervisor === undefined) process.exit(4);
  void end(supervisor, 4);
});

async function startSupervisor(request: LaunchRequest): Promise<null> {
  const started = new Supervisor(request, directory ?? "");
  supervisor = started;
  const server = createServer((socket) => {
    const connection: Connection = new Connection(socket, {
      ...supervisorMethods(started),
      down: async () => {
        const report = await started.down();
        server.close();
        void exitAfter(connection);
        return report;
      },
    });
  });
  await using handle = await open(started.directory, "r");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(`/proc/self/fd/${handle.fd}/${runFiles.socket}`, resolve);
  });
  chmodSync(`/proc/self/fd/${handle.fd}/${runFiles.socket}`, 0o600);
  const events = launcher.open("events");
  const stopFollowing = started.events.follow(0, (event) => {
    events.send(event);
  });
  try {
    await started.start();
    return null;
  } catch (error) {
    await started.down();
    void exitAfter(launcher);
    throw error;
  } finally {
    stopFollowing();
    events.cancel();
  }
}

/** End this process once the other end has read its answer and hung up; one that never does is not waited for long. */
async function exitAfter(connection: Connection): Promise<void> {
  const patience = setTimeout(() => process.exit(0), hangUpMs);
  await connection.closed;
  clearTimeout(patience);
  process.exit(0);
}

/** Tear down and end this process. */
async function end(running: Supervisor, exitCode = 0): Promise<void> {
  await running.down();
  process.exit(exitCode);
}
