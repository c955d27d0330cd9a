import { collectStatus, drawStatus } from "../../rack/index.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel rack status`. */
export interface RackStatusOptions extends TestbedOption, JsonOption {}

/** Draw the racks of a testbed. */
export async function rackStatus(session: Session, options: RackStatusOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const status = await collectStatus(testbed);
  if (options.json === true) session.terminal.printJson(status);
  else session.terminal.print(drawStatus(status));
}
