import { parseArgs } from "node:util";
import { wholeOption, wrongOption } from "../run/option-values.ts";
import { converse } from "./converse.ts";

/** What `p4cli --help` says. */
const usage = `usage: p4cli [-c COMMAND]... [--json] [--thrift-port PORT] [--thrift-ip ADDRESS]

Programs the P4 switch of this machine with the commands of simple_switch_CLI, given by -c or, a line each, on standard
input; "help" lists them. Ends with 1 when a command failed.
`;

/**
 * The runtime CLI where there is no kestrel command, such as in a node (`argv` without the program's own name).
 *
 * @throws P4Error (input) for a wrong command line, (host) where no switch answers
 */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parse(argv);
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  const failures = await converse(process, {
    port: wholeOption(values["thrift-port"] ?? "9090", "--thrift-port", 1, 65_535),
    host: values["thrift-ip"] ?? "127.0.0.1",
    commands: values.command ?? [],
    json: values.json ?? false,
  });
  if (failures > 0) process.exitCode = 1;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: "boolean", short: "h" },
        command: { type: "string", short: "c", multiple: true },
        json: { type: "boolean" },
        "thrift-port": { type: "string" },
        "thrift-ip": { type: "string" },
      },
    });
  } catch (error) {
    throw wrongOption("p4cli", "the options that --help lists", error instanceof Error ? error.message : String(error));
  }
}
