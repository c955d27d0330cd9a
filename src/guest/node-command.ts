import { stackProgram } from "./stack-programs.ts";

/**
 * Code is read to the end when it is loaded, in the template, and kept: a clone would otherwise compile every function
 * that it calls, since what is not used for a while is dropped. The collector leaves memory alone that clones share.
 */
const parkedOptions = ["--no-memory-reducer", "--no-lazy", "--no-flush-bytecode"] as const;

/**
 * Nothing is compiled to machine code. Where the processor is emulated each new instruction is translated once more, so
 * that takes longer than it ever saves in a program that is busy for milliseconds at a time; the code of the interpreter
 * is the same memory in every process, and so translated once for all of them.
 */
const interpretedOptions = ["--no-sparkplug", "--no-maglev", "--no-opt"] as const;

/** Only what runs for every packet is compiled, and that once. */
const forwardingOptions = ["--no-sparkplug", "--no-maglev", "--single-threaded-gc"] as const;

const runtime = "/opt/kestrel/runtime.js";

/** Node.js and the file that starts everything of ours in it, for a daemon that may be parked; for any without a name. */
export function nodeCommand(daemon?: string): readonly string[] {
  if (daemon === undefined) return ["/usr/bin/node", ...parkedOptions, runtime];
  const { nice, forwards } = stackProgram(daemon);
  const options = forwards === true ? forwardingOptions : interpretedOptions;
  const priority = nice === undefined ? [] : ["/usr/bin/nice", "-n", String(nice)];
  return [...priority, "/usr/bin/node", ...parkedOptions, ...options, runtime];
}

/** The same for a command of a person's, which is not parked. */
export const nodeCommandOnce: readonly string[] = ["/usr/bin/node", ...interpretedOptions, runtime];
