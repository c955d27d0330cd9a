import { Command } from "commander";
import { describeError } from "../../../error/kestrel-error.ts";
import { readConfiguration } from "../../daemon/configuration.ts";
import { daemonLog } from "../../daemon/log.ts";
import { optedConfiguration } from "./configuration.ts";
import { runOpted } from "./run-opted.ts";
import { rehearse } from "./rehearse.ts";
import { warmUp } from "./warm-up.ts";

/** Work for the template of a machine: what moves packets and what answers commands has run once before it is frozen. */
export async function prepare(): Promise<void> {
  warmUp();
  await rehearse();
}

/** Run opted: `opted --configuration FILE`; resolves when SIGTERM or SIGINT ended it and all flows are saved. */
export async function main(argv: readonly string[]): Promise<void> {
  const { configuration: file } = new Command("opted")
    .description("packet transformation engine of a sled, between guests and the underlay")
    .requiredOption("--configuration <file>", "JSON file, docs/opted.md")
    .parse(argv, { from: "user" })
    .opts<{ configuration: string }>();
  const log = daemonLog("opted");
  const ended = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, ended.resolve);
  try {
    const configuration = await readConfiguration("opted", file, optedConfiguration);
    await using _running = await runOpted(configuration, log);
    log.info({ socket: configuration.socket }, "serving");
    await ended.promise;
  } catch (error) {
    log.error(describeError(error));
    process.exitCode = 1;
  }
}
