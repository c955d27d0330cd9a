import { parseArgs } from "node:util";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { KestrelError } from "../../../error/kestrel-error.ts";
import { secondsOption, wholeOption, wrongOption } from "./option-values.ts";
import type { PortDeclaration, SwitchDeclaration } from "./run-switch.ts";

/** Options of the switch as they were written; names are those of simple_switch. */
export interface SwitchOptions {
  readonly interface?: readonly string[] | undefined;
  readonly thriftPort?: string | undefined;
  readonly thriftIp?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly notificationsAddr?: string | undefined;
  /** A directory; `true`: the present one. */
  readonly pcap?: string | true | undefined;
  readonly useFiles?: string | undefined;
  readonly logConsole?: boolean | undefined;
  readonly logFile?: string | undefined;
  readonly logFlush?: boolean | undefined;
  readonly nanolog?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly seed?: string | undefined;
  readonly restoreState?: string | undefined;
}

/** Levels, the more the less is logged; those below info say nothing more here. */
const levels = ["trace", "debug", "info", "warn", "error", "off"];
const largestPort = 511;

/**
 * A switch as its command line describes it: options, and behind `--` those of the target.
 *
 * @throws KestrelError (input) for a value that is not what it should be
 */
export function declareSwitch(
  program: string,
  options: SwitchOptions,
  targetWords: readonly string[],
  console: Writable,
): SwitchDeclaration {
  const { thriftPort = "9090", thriftIp = "127.0.0.1", deviceId = "0", pcap, useFiles, seed = "1" } = options;
  return {
    program,
    ports: (options.interface ?? []).map((text) => declarePort(text)),
    thriftPort: wholeOption(thriftPort, "--thrift-port", 0, 65_535),
    thriftAddress: thriftIp,
    deviceId: wholeOption(deviceId, "--device-id", 0),
    notifications: options.notificationsAddr,
    captures: pcap === true ? "." : pcap,
    filesAfterMs: useFiles === undefined ? undefined : secondsOption(useFiles, "--use-files"),
    seed: wholeOption(seed, "--seed", 0),
    restore: options.restoreState,
    ...declareTarget(targetWords),
    log: switchLog(options, console),
  };
}

/** An option of the reference that this switch cannot serve. */
export function notServed(option: string, reason: string): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "read the command line of the switch",
    subject: option,
    found: "an option of simple_switch that this switch does not serve",
    hint: `leave it out: ${reason}`,
  });
}

function declarePort(text: string): PortDeclaration {
  const match = /^(\d+)@(.+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw wrongOption("-i", "PORT@INTERFACE", text);
  return { number: wholeOption(match[1], "-i", 0, largestPort), name: match[2] };
}

/**
 * What simple_switch takes behind `--`.
 *
 * @throws KestrelError (input) for a value that is not what it should be
 */
export function declareTarget(
  words: readonly string[],
): Pick<SwitchDeclaration, "dropPort" | "priorityQueues" | "enableSwap"> {
  if (words.some((word) => /^--load-modules(=|$)/.test(word))) {
    throw notServed("--load-modules", "modules are compiled for the reference; externs of v1model are built in");
  }
  const read = (): { values: { "drop-port"?: string; "priority-queues"?: string; "enable-swap"?: boolean } } =>
    parseArgs({
      args: [...words],
      options: {
        "drop-port": { type: "string" },
        "priority-queues": { type: "string" },
        "enable-swap": { type: "boolean" },
      },
    });
  try {
    const { values } = read();
    return {
      dropPort: wholeOption(values["drop-port"] ?? "511", "--drop-port", 0),
      priorityQueues: wholeOption(values["priority-queues"] ?? "1", "--priority-queues", 1, 256),
      enableSwap: values["enable-swap"] ?? false,
    };
  } catch (error) {
    if (error instanceof KestrelError) throw error;
    throw wrongOption("options of the target", "--drop-port N, --priority-queues N or --enable-swap", words.join(" "));
  }
}

function switchLog(options: SwitchOptions, console: Writable): SwitchDeclaration["log"] {
  const { logConsole = false, logFile, logLevel = "info" } = options;
  const least = levels.indexOf(logLevel);
  if (least < 0) throw wrongOption("--log-level", `one of ${levels.join(", ")}`, logLevel);
  const outputs: Writable[] = logConsole ? [console] : [];
  if (logFile !== undefined) outputs.push(createWriteStream(logFile));
  return (level, text) => {
    if (levels.indexOf(level) < least) return;
    for (const output of outputs) output.write(`[${new Date().toISOString()}] [${level}] ${text}\n`);
  };
}
