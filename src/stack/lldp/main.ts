import { Command } from "commander";
import { describeError } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { daemonLog } from "../daemon/log.ts";
import { rehearse } from "../daemon/rehearsal.ts";
import { lldpConfiguration } from "./configuration.ts";
import { runLldpd } from "./run-lldpd.ts";

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse(lldpConfiguration);
}

/** The daemon of the link layer discovery protocol: `lldpd --configuration FILE`. Ends with SIGTERM or SIGINT. */
export async function main(argv: readonly string[]): Promise<void> {
  const command = new Command("lldpd")
    .description("says on every wire who this is, and hears who is at the other end (IEEE 802.1AB)")
    .option("--configuration <file>", "configuration, JSON", "/etc/kestrel/lldpd.json");
  const { configuration: file } = command.parse(argv, { from: "user" }).opts<{ configuration: string }>();
  const log = daemonLog("lldpd");
  const stop = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop.resolve);
  try {
    const configuration = await readConfiguration("lldpd", file, lldpConfiguration);
    await using running = await runLldpd(configuration, log);
    log.info({ port: running.port }, "serving");
    await stop.promise;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
