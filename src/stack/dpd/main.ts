import { Command } from "commander";
import { describeError, exitCodeOf } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { daemonLog } from "../daemon/log.ts";
import { rehearse } from "../daemon/rehearsal.ts";
import { dpdConfigurationSchema } from "./configuration.ts";
import { runDpd } from "./run-dpd.ts";

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse(dpdConfigurationSchema);
}

/** The switch daemon: `dpd --configuration FILE`. Ends with SIGTERM or SIGINT. */
export async function main(argv: readonly string[]): Promise<void> {
  const command = new Command("dpd")
    .description("the daemon that programs the switch")
    .requiredOption("--configuration <file>", "configuration, JSON", "/etc/kestrel/dpd.json");
  const { configuration: file } = command.parse(argv, { from: "user" }).opts<{ configuration: string }>();
  const log = daemonLog("dpd");
  const stop = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop.resolve);
  try {
    const configuration = await readConfiguration("dpd", file, dpdConfigurationSchema);
    await using running = await runDpd(configuration, log);
    log.info({ port: running.port }, "serving");
    await stop.promise;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
