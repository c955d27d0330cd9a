import { Command } from "commander";
import { describeError, exitCodeOf } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { daemonLog } from "../daemon/log.ts";
import { sledAgentConfiguration } from "./configuration.ts";
import { rehearse } from "./rehearse.ts";
import { runSledAgent } from "./run-sled-agent.ts";

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse();
}

/** The agent of a sled: `sled-agent --configuration FILE`. Ends with SIGTERM or SIGINT; instances go on. */
export async function main(argv: readonly string[]): Promise<void> {
  const { configuration: file } = new Command("sled-agent")
    .description("keeps the instances and ports of a sled as nexus wants them")
    .requiredOption("--configuration <file>", "JSON file, docs/sled-agent.md", "/etc/kestrel/sled-agent.json")
    .parse(argv, { from: "user" })
    .opts<{ configuration: string }>();
  const log = daemonLog("sled-agent");
  const ended = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, ended.resolve);
  try {
    const configuration = await readConfiguration("sled-agent", file, sledAgentConfiguration);
    await using running = await runSledAgent(configuration, log);
    log.info({ port: running.port }, "serving");
    await ended.promise;
  } catch (error) {
    log.error(describeError(error));
    process.exitCode = exitCodeOf(error);
  }
}
