import { Command } from "commander";
import { describeError, exitCodeOf } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { daemonLog } from "../daemon/log.ts";
import { dnsdConfiguration } from "./configuration.ts";
import { rehearse } from "./rehearse.ts";
import { runDnsd } from "./run-dnsd.ts";

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse();
}

/** A name server of the racks: `dnsd --configuration FILE`. Ends with SIGTERM or SIGINT. */
export async function main(argv: readonly string[]): Promise<void> {
  const { configuration: file } = new Command("dnsd")
    .description("answers for the names of VPCs and services")
    .requiredOption("--configuration <file>", "JSON file, docs/directory.md", "/etc/kestrel/dnsd.json")
    .parse(argv, { from: "user" })
    .opts<{ configuration: string }>();
  const log = daemonLog("dnsd");
  const ended = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, ended.resolve);
  try {
    const configuration = await readConfiguration("dnsd", file, dnsdConfiguration);
    await using running = await runDnsd(configuration, log);
    log.info({ port: running.port }, "serving");
    await ended.promise;
  } catch (error) {
    log.error(describeError(error));
    process.exitCode = exitCodeOf(error);
  }
}
