import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";
import { spawnBound } from "./vde-leg.ts";

const startDeadlineMilliseconds = 30_000;
const lastWordsBytes = 2000;

/** A command of the switch's console, and the beginning of the line that ends its answer when it succeeded. */
const consoleCommand = "ds/showinfo\n";
const consoleSuccess = "\n1000 ";

/** A VDE switch of our own, or one that somebody else runs. */
export interface VdeSwitch {
  readonly controlDirectory: string;
  close(): void;
}

/**
 * Start a `vde_switch` with the control directory given (relative to the current directory) and wait until it can be
 * plugged into. It ends with this process: its standard input is ours. `failed` is called if it ends by itself later.
 *
 * @throws KestrelError (host) with its last words if it does not start.
 */
export async function startVdeSwitch(controlDirectory: string, failed: (reason: string) => void): Promise<VdeSwitch> {
  await mkdir(dirname(controlDirectory), { recursive: true, mode: 0o700 });
  await rm(controlDirectory, { recursive: true, force: true });
  const child = spawnBound("vde_switch", ["-s", controlDirectory, "-m", "0600", "--dirmode", "0700"]);
  const { promise: started, resolve, reject } = Promise.withResolvers<undefined>();
  let state: "starting" | "running" | "closed" = "starting";
  let lastWords = "";
  const listen = (bytes: Buffer): void => {
    lastWords = (lastWords + bytes.toString()).slice(-lastWordsBytes);
    // It serves its console only after all its sockets listen.
    if (lastWords.includes(consoleSuccess)) resolve(undefined);
  };
  const ended = (reason: string): void => {
    if (state === "starting") reject(new Error(reason));
    if (state === "running") failed(reason);
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  child.stdin.on("error", () => undefined);
  child.on("error", (error) => {
    ended(`vde_switch: ${error.message}`);
  });
  child.on("close", (code, signal) => {
    ended(`vde_switch ended with ${signal ?? `exit code ${code ?? "unknown"}`}`);
  });
  child.stdin.write(consoleCommand);
  const deadline = setTimeout(() => {
    reject(new Error(`its console did not answer within ${startDeadlineMilliseconds} ms`));
  }, startDeadlineMilliseconds);
  const close = (): void => {
    state = "closed";
    child.kill("SIGTERM");
  };
  try {
    await started;
  } catch (cause) {
    close();
    throw new KestrelError(
      {
        kind: "host",
        step: "start VDE switch",
        subject: controlDirectory,
        found: cause instanceof Error ? cause.message : String(cause),
        hint: "the Debian package vde2 provides vde_switch and vde_plug",
        lastWords: lastWords.split("\n").filter((line) => line !== ""),
      },
      { cause },
    );
  } finally {
    clearTimeout(deadline);
  }
  state = "running";
  return { controlDirectory, close };
}
