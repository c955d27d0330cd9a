import { parseArgs } from "node:util";
import { wrongOption } from "./option-values.ts";
import { notServed, type SwitchOptions } from "./switch-options.ts";

/** A command line of p4switch, taken apart. */
export interface SwitchCommandLine {
  readonly help: boolean;
  /** Path of the program's JSON; undefined only with `help`. */
  readonly program: string;
  readonly options: SwitchOptions;
  /** What stands behind `--`: options of the target. */
  readonly targetWords: readonly string[];
}

/** Options of simple_switch that this switch does not serve: why, or what serves instead. */
const optionsNotServed = {
  "packet-in": {
    type: "string",
    reason: "it takes packets over nanomsg; give ports with -i, unix:PATH for a stream socket",
  },
  nanolog: {
    type: "string",
    reason: "no log of events is published; `kestrel p4 stf` shows what a program does, --log-console what is sent",
  },
  debugger: { type: "boolean", reason: "`kestrel p4 stf` shows what a program does, field by field" },
  "debugger-addr": { type: "string", reason: "`kestrel p4 stf` shows what a program does, field by field" },
  "no-p4": {
    type: "boolean",
    reason: "start with any program and `-- --enable-swap`, then load and swap the other",
  },
} as const;

/** What `p4switch --help` says. */
export const switchUsage = `usage: p4switch [options] PROGRAM.json [-- target options]

Runs a P4 program's BMv2 JSON; takes the command line of simple_switch.

  -i, --interface PORT@NAME      a port: a network interface, or unix:PATH for a stream socket; may be repeated
  --thrift-port PORT             TCP port of the run-time interface (9090)
  --thrift-ip ADDRESS            address of the run-time interface (127.0.0.1)
  --device-id NUMBER             what the switch says its id is (0)
  --notifications-addr ADDRESS   publish digests and idle entries there (nanomsg, ipc://PATH)
  --pcap[=DIRECTORY]             record what comes and goes on each port
  --use-files SECONDS            packets from NAME_in.pcap, after so many seconds, into NAME_out.pcap
  --log-console, --log-file PATH, -L, --log-level LEVEL, --log-flush
  --restore-state FILE           go on with what serialize_state wrote
  --max-port-count N             ports have numbers below N (512)
  --max-mc-groups N, --max-l1-entries N, --max-l2-entries N
                                 most multicast groups (4096), nodes (4096) and lists of ports (8192)
  --dump-packet-data N           log the first N bytes of what comes and goes, at level info (0: nothing)
  --seed NUMBER                  root of the random numbers that the program draws (1)

Options of the target: --drop-port N (511), --priority-queues N (1), --enable-swap
`;

/**
 * Take a command line apart, options before or behind the program as simple_switch allows.
 *
 * @throws P4Error (input) for an option that is not there, or no program or several
 */
export function readCommandLine(argv: readonly string[]): SwitchCommandLine {
  const split = argv.indexOf("--");
  const own = split < 0 ? argv : argv.slice(0, split);
  const targetWords = split < 0 ? [] : argv.slice(split + 1);
  const { values, positionals } = parse(own);
  for (const [name, { reason }] of Object.entries(optionsNotServed)) {
    if (name in values) throw notServed(`--${name}`, reason);
  }
  const help = values.help ?? false;
  const [program, ...more] = positionals;
  if (!help && (program === undefined || more.length > 0)) {
    throw wrongOption("p4switch", "one program, PROGRAM.json", positionals.join(" "));
  }
  return {
    help,
    program: program ?? "",
    options: {
      interface: values.interface,
      thriftPort: values["thrift-port"],
      thriftIp: values["thrift-ip"],
      deviceId: values["device-id"],
      notificationsAddr: values["notifications-addr"],
      pcap: values.pcap,
      useFiles: values["use-files"],
      logConsole: values["log-console"],
      logFile: values["log-file"],
      logFlush: values["log-flush"],
      logLevel: values["log-level"],
      seed: values.seed,
      restoreState: values["restore-state"],
      maxPortCount: values["max-port-count"],
      maxMcGroups: values["max-mc-groups"],
      maxL1Entries: values["max-l1-entries"],
      maxL2Entries: values["max-l2-entries"],
      dumpPacketData: values["dump-packet-data"],
    },
    targetWords,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      // The directory of --pcap may be left out, but only `=` joins one to it.
      args: words.map((word) => (word === "--pcap" ? "--pcap=." : word)),
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        interface: { type: "string", short: "i", multiple: true },
        "thrift-port": { type: "string" },
        "thrift-ip": { type: "string" },
        "device-id": { type: "string" },
        "notifications-addr": { type: "string" },
        pcap: { type: "string" },
        "use-files": { type: "string" },
        "log-console": { type: "boolean" },
        "log-file": { type: "string" },
        "log-flush": { type: "boolean" },
        "log-level": { type: "string", short: "L" },
        seed: { type: "string" },
        "restore-state": { type: "string" },
        "max-port-count": { type: "string" },
        "max-mc-groups": { type: "string" },
        "max-l1-entries": { type: "string" },
        "max-l2-entries": { type: "string" },
        "dump-packet-data": { type: "string" },
        ...optionsNotServed,
      },
    });
  } catch (error) {
    // What follows the first sentence is advice that does not fit here.
    const found = error instanceof Error ? error.message.replace(/\. To specify .*$/s, "") : String(error);
    throw wrongOption("p4switch", "the options that --help lists", found);
  }
}
