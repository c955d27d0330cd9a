import { Command } from "commander";
import { describeError } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { daemonLog } from "../daemon/log.ts";
import { rehearse } from "../daemon/rehearsal.ts";
import { tfportConfiguration } from "./configuration.ts";
import { runTfportd } from "./run-tfportd.ts";

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse(tfportConfiguration);
}

/** The daemon that gives the kernel an interface a switch port: `tfportd --configuration FILE`. Ends with SIGTERM or SIGINT. */
export async function main(argv: readonly string[]): Promise<void> {
  const command = new Command("tfportd")
    .description("gives the kernel an interface for each port of the switch")
    .option("--configuration <file>", "configuration, JSON", "/etc/kestrel/tfportd.json");
  const { configuration: file } = command.parse(argv, { from: "user" }).opts<{ configuration: string }>();
  const log = daemonLog("tfportd");
  const stop = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop.resolve);
  try {
    const configuration = await readConfiguration("tfportd", file, tfportConfiguration);
    await using running = await runTfportd(configuration, log);
    log.info({ port: running.port }, "serving");
    await stop.promise;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
