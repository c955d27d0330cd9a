import { PassThrough } from "node:stream";
import type { Argument, Command, Option } from "commander";
import { verbText } from "./definition.ts";
import { buildProgram } from "./program.ts";
import { Session } from "./session.ts";
import { Terminal } from "./terminal.ts";

/** The reference page of the command line (docs/cli.md): every verb with its arguments, options and examples, as Markdown. */
export function cliReference(): string {
  const nowhere = new PassThrough();
  const terminal = new Terminal({ stdin: nowhere, stdout: nowhere, stderr: nowhere, environment: {} });
  const program = buildProgram(new Session(terminal));
  return `${[preface, ...program.commands.flatMap((command) => describe(command, "kestrel", 2)), jsonReference].join("\n\n")}\n`;
}

const preface = `# The command line

<!-- Generated from the definitions in src/cli; change those. -->

\`kestrel VERB --help\` says the same as this page. Verbs on a running testbed take \`--testbed\` (or \`KESTREL_TESTBED\`);
where only one runs it is not needed. Progress and everything that is not the result goes to standard error.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | the tested thing failed |
| 2 | the input is wrong: command line, topology, name |
| 3 | this host cannot |
| 4 | a fault of Kestrel's; \`KESTREL_DEBUG=1\` shows where |
| 124, 125 | \`exec\` only: time-out; Kestrel's own failure. All others are those of the command in the node |
| 128 + n | ended by signal n; 130 is Ctrl-C |`;

const jsonReference = `## JSON

With \`--json\` standard output holds one JSON document, or one a line (NDJSON) where things go on. A failure is
\`{"error": {"message", "explanation"?: {"kind", "step", "subject"?, "expected"?, "found", "hint"?, "lastWords"?}, "cause"?}}\`,
with the same exit code as without. The types are those of \`src/testbed/protocol.ts\` and \`src/wire/protocol.ts\`.

| verb | document |
| --- | --- |
| \`up\` | \`TestbedEvent\` a line, then \`{"type": "up", "status": TestbedStatus}\` |
| \`down\` | \`{"testbeds": DownReport[]}\` |
| \`ls\` | \`{"testbeds": [{"name", "topology", "state", "nodes", "readyNodes", "supervisor": {"pid", "startedAt"}, "runDirectory"}]}\` |
| \`status\` | \`TestbedStatus\` with \`"services": [{"node", "services": [ServiceStatus]}]\` |
| \`rack status\` | \`RackStatus\` |
| \`events\` | \`TestbedEvent\` a line |
| \`gc\` | \`{"removed": [{"what", "names", "bytes"}], "bytes"}\` |
| \`exec\` | \`{"node", "exitCode", "signal", "timedOut", "stdout", "stderr"}\`; of several nodes \`{"results": [that, or {"node", "error"}]}\` |
| \`cp\` | \`{"from", "to", "elapsedMs"}\` |
| \`forward\` | \`{"node", "port", "local": {"address", "port"}}\` in one line, when it listens |
| \`push\` | \`{"elapsedMs", "nodes": [{"node", "digest", "files", "restarted", "programs", "agentChanged"}]}\` |
| \`pause\` … \`start\` | \`{"nodes": [{"node", "verb", "elapsedMs"}]}\` |
| \`wire ls\` | \`{"wires": WireStatus[]}\`; with \`--watch\` \`Statistics\` a line |
| \`wire show\`, \`set\`, \`down\`, \`up\`, \`cut\`, \`mend\`, \`plug\`, \`unplug\` | \`WireStatus\`, as it is afterwards |
| \`wire capture -w FILE\` | \`{"file", "bytes"}\` |
| \`wire inject\` | \`{"wire", "direction", "bytes", "sequence"}\` |
| \`trace\` | \`{"from", "to", "arrived", "hops": HopJson[], "answers": [{"from", "summary"}]}\` (\`src/flow/trace-json.ts\`); \`arrived\` is null where \`--to\` is no node or port |
| \`plan\` | \`Plan\` (\`src/topology/plan.ts\`) |
| \`schema\` | JSON Schema |
| \`graph\` | \`{"format", "text"}\` |
| \`image build\` | \`{"type": "progress", "step", "fraction"?, "message"}\` a line, then \`{"type": "image", "name", "digest", "directory", "elapsedMs"}\` |
| \`image ls\`, \`image gc\` | \`{"images": ImageListing[]}\` (\`src/image\`), \`{"removed": [path], "freedBytes"}\` |
| \`doctor\` | \`{"verdict", "checks": [{"name", "verdict", "found", "fix"?, "packages"?}], "packages"}\` |
| \`bench\` | the figures of the benchmark; without a name \`{"benchmarks": [{"name", "description"}]}\` |
| \`version\` | \`{"kestrel", "node"}\` |`;

function describe(command: Command, parent: string, level: number): readonly string[] {
  const text = verbText(command);
  // Hidden verbs have no text.
  if (text === undefined) return [];
  const name = `${parent} ${command.name()}`;
  const parts = [
    `${"#".repeat(level)} \`${name}\``,
    command.description(),
    `\`\`\`\n${name} ${command.usage()}\n\`\`\``,
    optionTable(command.registeredArguments, command.options),
    `\`\`\`sh\n${text.examples.map(([line, meaning]) => `${line}  # ${meaning}`).join("\n")}\n\`\`\``,
  ];
  const below = command.commands.flatMap((sub) => describe(sub, name, level + 1));
  return [...parts.filter((part) => part !== ""), ...below];
}

function optionTable(words: readonly Argument[], options: readonly Option[]): string {
  const rows = [
    ...words.map((word) => [word.name(), word.description + choices(word.argChoices)]),
    ...options.map(({ flags, description, argChoices }) => [flags, description + choices(argChoices)]),
  ].map(([name = "", meaning = ""]) => `| \`${name}\` | ${meaning.replaceAll("|", "\\|")} |`);
  return rows.length === 0 ? "" : ["| | |", "| --- | --- |", ...rows].join("\n");
}

function choices(words: readonly string[] | undefined): string {
  return words === undefined ? "" : ` (${words.join(", ")})`;
}
