import { Command } from "commander";
import { describeError, exitCodeOf, serializeError } from "../../../error/kestrel-error.ts";
import { OptedClient, type OpteadmOptions } from "./client.ts";
import { mappingCommands } from "./mapping-commands.ts";
import { portCommands } from "./port-commands.ts";
import { ruleCommands } from "./rule-commands.ts";
import { showCommands } from "./show-commands.ts";
import { sledCommands } from "./sled-commands.ts";

/** Run `opteadm`: what opted knows of ports and flows, and what it is to do. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("opteadm")
    .description("look at the packet transformation engine opted, and tell it what to do")
    .option("-s, --socket <path>", "socket of opted's admin API", "/run/kestrel/opted.sock")
    .option("--json", "answer with JSON");
  const client = new OptedClient(() => program.opts<OpteadmOptions>());
  showCommands(program, client);
  portCommands(program, client);
  ruleCommands(program, client);
  mappingCommands(program, client);
  sledCommands(program, client);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    const json = program.opts<OpteadmOptions>().json === true;
    process.stderr.write(`${json ? JSON.stringify(serializeError(error)) : describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
