import { Command } from "commander";
import { describeError, exitCodeOf } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { daemonLog } from "../daemon/log.ts";
import { mgdConfiguration } from "./configuration.ts";
import { rehearse } from "./rehearse.ts";
import { runMgd } from "./run-mgd.ts";

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse();
}

/** The daemon of the way out of the rack: `mgd --configuration FILE`. Ends with SIGTERM or SIGINT; forwarding and FRR go on. */
export async function main(argv: readonly string[]): Promise<void> {
  const { configuration: file } = new Command("mgd")
    .description("keeps uplinks, routing to the outside and NAT of a switch as nexus wants them")
    .requiredOption("--configuration <file>", "JSON file, docs/boundary.md", "/etc/kestrel/mgd.json")
    .parse(argv, { from: "user" })
    .opts<{ configuration: string }>();
  const log = daemonLog("mgd");
  const ended = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, ended.resolve);
  try {
    const configuration = await readConfiguration("mgd", file, mgdConfiguration);
    await using running = await runMgd(configuration, log);
    log.info({ port: running.port }, "serving");
    await ended.promise;
  } catch (error) {
    log.error(describeError(error));
    process.exitCode = exitCodeOf(error);
  }
}
