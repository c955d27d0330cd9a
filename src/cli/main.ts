/** The process of the command line: started by bin/kestrel under the pinned Node.js. */
import { runCommandLine } from "./run-command-line.ts";
import { processTerminal } from "./terminal.ts";

process.exit(await runCommandLine(process.argv.slice(2), processTerminal()));
