import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { untilInterrupted } from "../interruption.ts";
import type { Session, TestbedOption } from "../session.ts";
import { rawInput } from "../raw-input.ts";

/** Ctrl-], as telnet has it: no shell and no kernel wants it. */
const leaveKey = 0x1d;
/** Stream of the console channel. */
const consoleStream = 0;

/** Attach to the serial console of a node until the user leaves. */
export async function attachConsole(session: Session, name: string, options: TestbedOption): Promise<void> {
  const { terminal } = session;
  using testbed = await session.testbed(options);
  const node = testbed.node(name);
  const isTerminal = terminal.stdin.isTTY === true;
  const channel = node.console();
  channel.result.catch(() => undefined);
  if (isTerminal) terminal.note(terminal.errorColors.dim(`console of ${name}; Ctrl-] leaves, and ${name} runs on`));
  using _raw = rawInput(terminal);
  const typed = new PassThrough();
  const left = new Promise<void>((resolve) => {
    terminal.stdin.on("data", (chunk: Buffer) => {
      const at = chunk.indexOf(leaveKey);
      if (at < 0) {
        // Not more is read than the console takes.
        if (!typed.write(chunk)) {
          terminal.stdin.pause();
          typed.once("drain", () => terminal.stdin.resume());
        }
        return;
      }
      typed.write(chunk.subarray(0, at), () => {
        resolve();
      });
    });
    if (isTerminal) terminal.stdin.once("end", resolve);
  });
  void pipeline(typed, channel.writable(consoleStream)).catch(() => undefined);
  const shown = pipeline(channel.readable(consoleStream), terminal.stdout, { end: false });
  shown.catch(() => undefined);
  await untilInterrupted(Promise.race([left, shown]));
  channel.cancel();
  terminal.stdin.pause();
  if (isTerminal) terminal.note(terminal.errorColors.dim(`\r\nleft the console of ${name}`));
}
