import type { Program } from "./format/program.ts";
import { readCommandLine, switchUsage } from "./run/command-line.ts";
import { prepareProgram, type Rehearsal, runSwitch } from "./run/run-switch.ts";
import { declareSwitch, declareTarget } from "./run/switch-options.ts";

let prepared: Program | undefined;

/**
 * Load and compile the program that a command line names, so that {@link main} has it ready as long as the file stays the
 * same: for a machine that is frozen afterwards. Opens no port, socket or timer.
 *
 * @param rehearsal - what the program is to have done already, so that it is fast from the first packet on
 * @throws P4Error (input) for a wrong command line or program
 */
export async function prepare(argv: readonly string[], rehearsal?: Rehearsal): Promise<void> {
  const { help, program, targetWords } = readCommandLine(argv);
  if (!help) prepared = await prepareProgram(program, declareTarget(targetWords), rehearsal);
}

/**
 * p4switch: runs until SIGTERM or SIGINT, with simple_switch's command line (`argv` without the program's own name).
 *
 * @throws P4Error (input) for a wrong command line or program, (host) for a port or address that cannot be had
 */
export async function main(argv: readonly string[]): Promise<void> {
  const { help, program, options, targetWords } = readCommandLine(argv);
  if (help) {
    process.stdout.write(switchUsage);
    return;
  }
  const ended = Promise.withResolvers<unknown>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, ended.resolve);
  await using _running = await runSwitch(declareSwitch(program, options, targetWords, process.stdout), prepared);
  await ended.promise;
}
