import { open } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { Connection } from "../channel/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import { runDirectory } from "../host/index.ts";
import { checkTestbedName, listRuns, runFiles } from "./run-directory.ts";

/**
 * Connect to the supervisor of a running testbed.
 *
 * @param name - the testbed; undefined when there is only one
 * @throws KestrelError (input) when there is none of that name, or several and none was named
 */
export async function connectSupervisor(name: string | undefined): Promise<{ name: string; connection: Connection }> {
  const chosen = name ?? (await onlyTestbed());
  checkTestbedName(chosen);
  try {
    const socket = await connectIn(runDirectory(chosen), runFiles.socket);
    return { name: chosen, connection: new Connection(socket, {}, { peer: `the supervisor of ${chosen}` }) };
  } catch (cause) {
    const names = await runningNames();
    const starting = (await listRuns()).find((run) => run.name === chosen && run.alive);
    throw new KestrelError(
      {
        kind: "input",
        step: "connect to the testbed",
        subject: chosen,
        expected: "a running testbed",
        found:
          starting !== undefined
            ? "one whose supervisor does not answer yet"
            : names.length === 0
              ? "none runs"
              : `only ${names.join(", ")}`,
        hint: starting === undefined ? `start it: kestrel up FILE --name ${chosen}` : "try again in a moment",
      },
      { cause },
    );
  }
}

/** Connect to the socket `name` in `directory`, however long the path of the directory is. */
export async function connectIn(directory: string, name: string): Promise<Socket> {
  await using handle = await open(directory, "r");
  const socket = createConnection(`/proc/self/fd/${handle.fd}/${name}`);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

async function runningNames(): Promise<readonly string[]> {
  return (await listRuns()).filter(({ alive }) => alive).map(({ name }) => name);
}

async function onlyTestbed(): Promise<string> {
  const names = await runningNames();
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new KestrelError({
    kind: "input",
    step: "choose the testbed",
    expected: "one running testbed, or its name",
    found: names.length === 0 ? "none runs" : `several run: ${names.join(", ")}`,
    hint: names.length === 0 ? "start one: kestrel up FILE" : "name it: --testbed NAME",
  });
}
