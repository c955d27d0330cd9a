import { Command } from "commander";
import { describeError, exitCodeOf, serializeError } from "../../error/kestrel-error.ts";
import { addressCommands } from "./swadm/address-commands.ts";
import { diagnosticCommands } from "./swadm/diagnostic-commands.ts";
import { guestCommands } from "./swadm/guest-commands.ts";
import { linkCommands } from "./swadm/link-commands.ts";
import { neighborCommands } from "./swadm/neighbor-commands.ts";
import { routeCommands } from "./swadm/route-commands.ts";
import { Session } from "./swadm/session.ts";

/** The administrator's command line of dpd. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("swadm")
    .description("look at the switch and change it, by way of dpd")
    .option("--host <host>", "where dpd is", "::1")
    .option("--port <port>", "the TCP port of its API", "12224")
    .option("--json", "print JSON");
  const session = new Session(() => program.opts<{ host: string; port: string; json?: boolean }>());
  for (const add of [
    routeCommands,
    neighborCommands,
    addressCommands,
    guestCommands,
    linkCommands,
    diagnosticCommands,
  ]) {
    add(program, session);
  }
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    const isJson = program.opts<{ json?: boolean }>().json === true;
    process.stderr.write(`${isJson ? JSON.stringify(serializeError(error)) : describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
