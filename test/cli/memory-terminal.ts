import { PassThrough } from "node:stream";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { type Output, Terminal } from "../../src/cli/terminal.ts";

/** A terminal whose output is kept. */
export interface MemoryTerminal {
  readonly terminal: Terminal;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** A terminal in memory; `columns` makes it a live one. */
export function memoryTerminal(
  options: { columns?: number; environment?: Record<string, string> } = {},
): MemoryTerminal {
  const output = (): { stream: Output; text: () => string } => {
    const chunks: string[] = [];
    const stream = new PassThrough().setEncoding("utf8");
    stream.on("data", (chunk: string) => chunks.push(chunk));
    const facts = options.columns === undefined ? {} : { isTTY: true, columns: options.columns, rows: 24 };
    return { stream: Object.assign(stream, facts), text: () => chunks.join("") };
  };
  const [stdout, stderr] = [output(), output()];
  const stdin = new PassThrough().end();
  const terminal = new Terminal({
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    environment: options.environment ?? {},
  });
  return { terminal, stdout: stdout.text, stderr: stderr.text };
}

/** Run a command line in memory. */
export async function run(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { terminal, stdout, stderr } = memoryTerminal();
  const code = await runCommandLine(words, terminal);
  return { code, stdout: stdout(), stderr: stderr() };
}
