import { pipeline } from "node:stream/promises";
import { InterruptionWatch } from "../interruption.ts";
import type { Session, TestbedOption } from "../session.ts";

/** Options of `kestrel logs`. */
export interface LogsOptions extends TestbedOption {
  readonly follow?: boolean;
}

/** Print the logs of a node's services. */
export async function logs(
  session: Session,
  name: string,
  service: string | undefined,
  options: LogsOptions,
): Promise<void> {
  using interruption = new InterruptionWatch();
  using testbed = await session.testbed(options);
  const guest = await testbed.node(name).guest();
  const stream = guest.logs({
    follow: options.follow === true,
    ...(service === undefined ? {} : { service }),
  });
  interruption.signal.addEventListener("abort", () => {
    stream.destroy();
  });
  try {
    await pipeline(stream, session.terminal.stdout, { end: false });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
  }
}
