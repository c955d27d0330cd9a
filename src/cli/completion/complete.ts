import { RootCommand } from "@bomb.sh/tab";
import type { Argument, Command } from "commander";
import { buildProgram } from "../program.ts";
import type { Session } from "../session.ts";
import { settingKeys } from "../wire-settings.ts";
import { type Candidate, type CandidateKind, type Candidates, gatherCandidates } from "./candidates.ts";

/** Answer the shell: what may come after these words, the last of which is being typed. */
export async function complete(session: Session, words: readonly string[]): Promise<void> {
  // What follows -- is a command of the node, of which nothing is known here.
  if (words.slice(0, -1).includes("--")) {
    session.terminal.print(":4");
    return;
  }
  const candidates = await gatherCandidates(namedTestbed(words), words.at(-1) ?? "");
  const root = new RootCommand();
  describeCommand(root, buildProgram(session), [], candidates);
  root.parse([...words]);
}

function namedTestbed(words: readonly string[]): string | undefined {
  const at = words.indexOf("--testbed");
  return at < 0 ? undefined : words[at + 1];
}

/** Tell the completion library about a command and those below it. */
function describeCommand(root: RootCommand, command: Command, path: readonly string[], candidates: Candidates): void {
  const help = command.createHelp();
  if (path.length > 0) {
    const described = root.command(path.join(" "), command.summary());
    for (const option of help.visibleOptions(command)) {
      const name = option.long?.replace(/^--/, "");
      if (name === undefined) continue;
      const short = option.short?.replace(/^-/, "");
      if (option.isBoolean()) {
        if (short === undefined) described.option(name, option.description);
        else described.option(name, option.description, short);
      } else {
        const words = option.argChoices?.map((choice): Candidate => [choice, ""]) ?? candidates[kindOfOption(name)];
        described.option(
          name,
          option.description,
          (found) => {
            offer(words, found);
          },
          short,
        );
      }
    }
    for (const argument of command.registeredArguments) {
      const words = wordsOf(argument, candidates);
      described.argument(
        argument.name(),
        (found) => {
          offer(words, found);
        },
        argument.variadic,
      );
    }
  }
  for (const below of help.visibleCommands(command)) describeCommand(root, below, [...path, below.name()], candidates);
}

function offer(words: readonly Candidate[], found: (value: string, description: string) => void): void {
  for (const [value, description] of words) found(value, description);
}

function kindOfOption(name: string): CandidateKind {
  if (name === "testbed") return "testbed";
  if (name === "to") return "node";
  return name === "from" || name === "via" ? "port" : "file";
}

/** What an argument stands for is told by its name in the definition. */
function wordsOf(argument: Argument, candidates: Candidates): readonly Candidate[] {
  if (argument.argChoices !== undefined) return argument.argChoices.map((choice): Candidate => [choice, ""]);
  switch (argument.name()) {
    case "node":
      return candidates.node;
    case "wire":
      return candidates.wire;
    case "port":
      return candidates.port;
    case "from":
      return [...candidates.port, ...candidates.node];
    case "topology":
      return candidates.topology;
    case "setting":
      return [...settingKeys.map((key): Candidate => [`${key}=`, "impairment"]), ["clean", "no impairments at all"]];
    case "source":
    case "destination":
      return [...candidates.node.map(([name, kind]): Candidate => [`${name}:`, kind]), ...candidates.file];
    default:
      return [];
  }
}
