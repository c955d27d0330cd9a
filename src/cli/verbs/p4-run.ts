import { declareSwitch, runSwitch, type SwitchOptions } from "../../p4/switch/index.ts";
import { untilInterrupted } from "../interruption.ts";
import type { Session } from "../session.ts";

/** Run a switch until it is interrupted. */
export async function p4Run(
  { terminal }: Session,
  program: string,
  targetWords: readonly string[],
  options: SwitchOptions,
): Promise<void> {
  const declaration = declareSwitch(program, options, targetWords, terminal.stdout);
  await using running = await runSwitch(declaration);
  terminal.note(`switch runs, programmable on ${declaration.thriftAddress}:${running.thriftPort}; Ctrl-C ends it`);
  await untilInterrupted();
}
