import { Command } from "commander";
import { describeError, exitCodeOf } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { daemonLog } from "../daemon/log.ts";
import { nexusConfigurationSchema } from "./configuration.ts";
import { rehearse } from "./rehearse.ts";
import { runNexus } from "./run-nexus.ts";

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse();
}

/** The control plane: `nexusd --configuration FILE`. Ends with SIGTERM or SIGINT. */
export async function main(argv: readonly string[]): Promise<void> {
  const command = new Command("nexusd")
    .description("the control plane of the rack")
    .requiredOption("--configuration <file>", "configuration, JSON", "/etc/kestrel/nexusd.json");
  const { configuration: file } = command.parse(argv, { from: "user" }).opts<{ configuration: string }>();
  const log = daemonLog("nexusd");
  const stop = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop.resolve);
  try {
    const configuration = await readConfiguration("nexusd", file, nexusConfigurationSchema);
    await using running = await runNexus(configuration, log);
    log.info({ port: running.port }, "serving");
    await stop.promise;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
