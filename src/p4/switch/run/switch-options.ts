import { parseArgs } from "node:util";
import { createWriteStream, openSync } from "node:fs";
import type { Writable } from "node:stream";
import { P4Error } from "../../p4-error.ts";
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
  readonly logLevel?: string | undefined;
  readonly seed?: string | undefined;
  readonly restoreState?: string | undefined;
  readonly maxPortCount?: string | undefined;
  readonly maxMcGroups?: string | undefined;
  readonly maxL1Entries?: string | undefined;
  readonly maxL2Entries?: string | undefined;
  readonly dumpPacketData?: string | undefined;
}

/** Levels, the more the less is logged; those below info say nothing more here. */
const levels = ["trace", "debug", "info", "warn", "error", "off"];
/** Fields of ports may be wider than 9 bits in programs that were not made for v1model. */
const mostPorts = 65_536;

/**
 * A switch as its command line describes it: options, and behind `--` those of the target.
 *
 * @throws P4Error (input) for a value that is not what it should be
 */
export function declareSwitch(
  program: string,
  options: SwitchOptions,
  targetWords: readonly string[],
  console: Writable,
): SwitchDeclaration {
  const { thriftPort = "9090", thriftIp = "127.0.0.1", deviceId = "0", pcap, useFiles, seed = "1" } = options;
  const { maxPortCount = "512", maxMcGroups = "4096", maxL1Entries = "4096", maxL2Entries = "8192" } = options;
  const portCount = wholeOption(maxPortCount, "--max-port-count", 1, mostPorts);
  const nodes = wholeOption(maxL1Entries, "--max-l1-entries", 1);
  const portLists = wholeOption(maxL2Entries, "--max-l2-entries", 1);
  return {
    program,
    ports: (options.interface ?? []).map((text) => declarePort(text, portCount)),
    portCount,
    // Each node has one list of ports.
    multicast: { groups: wholeOption(maxMcGroups, "--max-mc-groups", 1), nodes: Math.min(nodes, portLists) },
    loggedBytes: wholeOption(options.dumpPacketData ?? "0", "--dump-packet-data", 0),
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
export function notServed(option: string, reason: string): P4Error {
  return new P4Error({
    kind: "input",
    step: "read the command line of the switch",
    subject: option,
    found: "an option of simple_switch that this switch does not serve",
    hint: `leave it out: ${reason}`,
  });
}

function declarePort(text: string, portCount: number): PortDeclaration {
  const match = /^(\d+)@(.+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw wrongOption("-i", "PORT@INTERFACE", text);
  return { number: wholeOption(match[1], "-i", 0, portCount - 1), name: match[2] };
}

/**
 * What simple_switch takes behind `--`.
 *
 * @throws P4Error (input) for a value that is not what it should be
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
    if (error instanceof P4Error) throw error;
    throw wrongOption("options of the target", "--drop-port N, --priority-queues N or --enable-swap", words.join(" "));
  }
}

function switchLog(options: SwitchOptions, console: Writable): SwitchDeclaration["log"] {
  const { logConsole = false, logFile, logLevel = "info" } = options;
  const least = levels.indexOf(logLevel);
  if (least < 0) throw wrongOption("--log-level", `one of ${levels.join(", ")}`, logLevel);
  const outputs: Writable[] = logConsole ? [console] : [];
  if (logFile !== undefined) outputs.push(openLog(logFile));
  return (level, text) => {
    if (levels.indexOf(level) < least) return;
    for (const output of outputs) output.write(`[${new Date().toISOString()}] [${level}] ${text}\n`);
  };
}

/** Opened at once, so that a path that cannot be written is told as one. */
function openLog(path: string): Writable {
  try {
    return createWriteStream(path, { fd: openSync(path, "w") });
  } catch (error) {
    throw new P4Error(
      {
        kind: "host",
        step: "open the log of the switch",
        subject: path,
        found: error instanceof Error ? error.message : String(error),
        hint: "name a file in a directory that can be written: --log-file PATH",
      },
      { cause: error },
    );
  }
}
