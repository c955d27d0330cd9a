import { cellCommands } from "./cell-commands.ts";
import { CliError } from "./cli-error.ts";
import type { CliCommand, Commands } from "./command.ts";
import { deviceCommands } from "./device-commands.ts";
import { indirectCommands } from "./indirect-commands.ts";
import { profileCommands } from "./profile-commands.ts";
import { programCommands } from "./program-commands.ts";
import { replicationCommands } from "./replication-commands.ts";
import { showCommands } from "./show-commands.ts";
import { tableCommands } from "./table-commands.ts";

const help: CliCommand = {
  usage: "[COMMAND]",
  summary: "all commands, or how one is used",
  completes: ["command"],
  run(words) {
    if (words.left === 0) {
      const width = Math.max(...Object.keys(cliCommands).map((name) => name.length));
      const lines = Object.entries(cliCommands).map(([name, { summary }]) => `${name.padEnd(width)}  ${summary}`);
      return {
        text: lines.join("\n"),
        value: Object.entries(cliCommands).map(([name, command]) => describe(name, command)),
      };
    }
    const name = words.take("a command");
    words.end();
    const command = cliCommands[name];
    if (command === undefined) throw new CliError(`No help on ${name}`);
    return { text: `${`${name} ${command.usage}`.trim()}: ${command.summary}`, value: describe(name, command) };
  },
};

const describe = (name: string, { usage, summary }: CliCommand): object => ({ name, usage, summary });

/** All commands by name: those of simple_switch_CLI, and swap_program. */
export const cliCommands: Commands = Object.fromEntries(
  Object.entries({
    help,
    ...showCommands,
    ...tableCommands,
    ...indirectCommands,
    ...profileCommands,
    ...cellCommands,
    ...replicationCommands,
    ...programCommands,
    ...deviceCommands,
  }).toSorted(([a], [b]) => (a < b ? -1 : 1)),
);
