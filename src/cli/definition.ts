import { type Command, Option } from "commander";

/** What a verb is, for its help and the reference. */
export interface VerbText {
  /** One line, no full stop. */
  readonly summary: string;
  /** More, below the summary. */
  readonly details?: string;
  /** Command lines to copy, each with what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
}

const texts = new WeakMap<Command, VerbText>();

/** Add a verb to a program or to another verb. */
export function defineVerb(parent: Command, usage: string, text: VerbText): Command {
  const sentence = `${text.summary.charAt(0).toUpperCase()}${text.summary.slice(1)}.`;
  const command = parent
    .command(usage)
    .helpCommand(false)
    .summary(text.summary)
    .description(text.details === undefined ? sentence : `${sentence}\n\n${text.details}`)
    .addHelpText("after", () => `\nExamples:\n${exampleLines(text).join("\n")}`);
  texts.set(command, text);
  return command;
}

/** The text that a verb was defined with. */
export function verbText(command: Command): VerbText | undefined {
  return texts.get(command);
}

/** Add `--testbed`, for verbs on a running testbed. */
export function withTestbed(command: Command): Command {
  return command.addOption(
    new Option("--testbed <testbed>", "name of the testbed; not needed when only one runs").env("KESTREL_TESTBED"),
  );
}

/** Add `--json`. */
export function withJson(command: Command, description = "print JSON instead of text"): Command {
  return command.option("--json", description);
}

/** Add what verbs that read a topology file have in common. */
export function withTopology(command: Command): Command {
  return command
    .argument("<topology>", "the topology file")
    .option("--set <name=value>", "value of a parameter of the topology; may be repeated", collect)
    .option("--seed <number>", "root of all randomness, instead of the topology's own");
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function exampleLines({ examples }: VerbText): readonly string[] {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, meaning]) => `  ${line.padEnd(width)}  # ${meaning}`);
}
