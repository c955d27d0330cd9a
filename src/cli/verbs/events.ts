import { InterruptionWatch } from "../interruption.ts";
import { wholeNumber } from "../option-values.ts";
import { eventLine } from "../event-line.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel events`. */
export interface EventsOptions extends TestbedOption, JsonOption {
  readonly follow?: boolean;
  readonly since?: string;
}

/** Print the event stream of a testbed: text on a terminal, NDJSON elsewhere. */
export async function events(session: Session, options: EventsOptions): Promise<void> {
  const { terminal } = session;
  const since = options.since === undefined ? 0 : wholeNumber(options.since, "--since", 0);
  const asText = options.json !== true && terminal.stdout.isTTY === true;
  using interruption = new InterruptionWatch();
  using testbed = await session.testbed(options);
  const stream = testbed.events({ since, follow: options.follow === true, signal: interruption.signal });
  try {
    for await (const event of stream) {
      if (asText) terminal.print(eventLine(event, terminal.colors));
      else terminal.printJsonLine(event);
    }
  } catch (error) {
    // Following ends when the user has seen enough, or there is nothing left to follow.
    if (!interruption.signal.aborted) throw error;
  }
}
