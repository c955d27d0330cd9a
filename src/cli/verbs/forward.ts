import { describeError, KestrelError } from "../../error/kestrel-error.ts";
import { forwardPort } from "../../guest/forward-port.ts";
import { untilInterrupted } from "../interruption.ts";
import { portNumber } from "../option-values.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel forward`. */
export interface ForwardOptions extends TestbedOption, JsonOption {
  readonly local?: string;
}

/** Make a TCP port of a node reachable on 127.0.0.1 until interrupted. */
export async function forward(session: Session, name: string, remote: string, options: ForwardOptions): Promise<void> {
  const { terminal } = session;
  const port = portNumber(remote, "port");
  const local = options.local === undefined ? 0 : portNumber(options.local, "--local");
  using testbed = await session.testbed(options);
  const guest = await testbed.node(name).guest();
  const onFault = (error: unknown): void => {
    // A peer that goes away in the middle is everyday life; a port that nobody listens on is news.
    if (error instanceof KestrelError) terminal.note(terminal.errorColors.yellow(describeError(error)));
  };
  await using forwarded = await forwardPort(guest, port, { local, onFault }).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new KestrelError(
      {
        kind: "input",
        step: "listen",
        subject: `127.0.0.1:${local}`,
        expected: "a free port",
        found,
        hint: "leave --local out to get one",
      },
      { cause },
    );
  });
  const { address, port: listening } = forwarded;
  if (options.json === true) terminal.printJsonLine({ node: name, port, local: { address, port: listening } });
  else terminal.print(`${address}:${listening} is port ${port} of ${name}; Ctrl-C ends it`);
  await untilInterrupted();
}
