import type { Command } from "commander";
import { collect, defineVerb, withJson } from "./definition.ts";
import type { Session } from "./session.ts";
import type { P4CliOptions } from "./verbs/p4-cli.ts";

/** `p4 cli`. */
export function defineP4CliVerb(p4: Command, session: Session): void {
  withJson(
    defineVerb(p4, "cli", {
      summary: "program a running switch, ours or a simple_switch, with the commands of simple_switch_CLI",
      details:
        "Commands come from -c, else from standard input, a line each; lines behind # say nothing. At a terminal there are " +
        "completion and history; `help` lists the commands. Names may be given by their ends: table_add lpm forward. " +
        "Exit codes: 0 all done, 1 a command failed (the others were tried), 3 no switch answers.",
      examples: [
        ["kestrel p4 cli", "talk to the switch on port 9090"],
        ["kestrel p4 cli -c 'table_add lpm forward 10.0.0.0/8 => 1' -c 'table_dump lpm'", "two commands"],
        ["kestrel p4 cli --thrift-port 9091 < entries.txt", "commands from a file"],
        ["kestrel p4 cli -c 'register_read seen' --json", "for a program"],
      ],
    }),
    "print one JSON document a command, in lines",
  )
    .option("-c, --command <command>", "carry this out; may be repeated", collect)
    .option("--thrift-port <port>", "TCP port of the switch's run-time interface", "9090")
    .option("--thrift-ip <address>", "address of the run-time interface", "127.0.0.1")
    .action(async (options: P4CliOptions) => {
      const { p4Cli } = await import("./verbs/p4-cli.ts");
      await p4Cli(session, options);
    });
}
