import type { Command } from "commander";
import { collect, defineVerb } from "./definition.ts";
import type { Session } from "./session.ts";
import type { SwitchOptions } from "../p4/switch/index.ts";

/** `p4 run`. */
export function defineP4RunVerb(p4: Command, session: Session): void {
  defineVerb(p4, "run", {
    summary: "run a switch with a P4 program's BMv2 JSON",
    details: `Takes the command line of simple_switch, options of the target behind --, and runs until it is interrupted.
Port numbers go to interfaces, or to stream sockets such as a wire of a testbed (unix:PATH).`,
    examples: [
      ["kestrel p4 run -i 0@eth1 -i 1@eth2 router.json", "between two interfaces"],
      ["kestrel p4 run -i 0@in --use-files 0 router.json", "from in_in.pcap to in_out.pcap"],
      ["kestrel p4 run -i 0@unix:/tmp/a router.json -- --drop-port 510 --enable-swap", "options of the target"],
    ],
  })
    .argument("<program>", "the program's JSON")
    .argument("[target-options...]", "behind --: --drop-port, --priority-queues, --enable-swap")
    .option("-i, --interface <port@name>", "a port; may be repeated", collect)
    .option("--thrift-port <port>", "TCP port of the run-time interface", "9090")
    .option("--thrift-ip <address>", "address of the run-time interface", "127.0.0.1")
    .option("--device-id <number>", "what the switch says its id is", "0")
    .option("--notifications-addr <address>", "publish digests and idle entries there (nanomsg, ipc://PATH)")
    .option("--pcap [directory]", "record what comes and goes on each port")
    .option("--use-files <seconds>", "take packets from NAME_in.pcap, after so many seconds, into NAME_out.pcap")
    .option("--log-console", "log to standard output")
    .option("--log-file <path>", "log to a file")
    .option("--log-flush", "accepted: lines are never held back")
    .option("-L, --log-level <level>", "least level that is logged: trace, debug, info, warn, error, off", "info")
    .option("--restore-state <file>", "go on with what serialize_state wrote")
    .option("--max-port-count <number>", "ports have numbers below this", "512")
    .option("--max-mc-groups <number>", "most multicast groups", "4096")
    .option("--max-l1-entries <number>", "most nodes of multicast groups", "4096")
    .option("--max-l2-entries <number>", "most lists of ports, one a node", "8192")
    .option("--dump-packet-data <bytes>", "log so many bytes of what comes and goes, at level info", "0")
    .option("--seed <number>", "root of the random numbers that the program draws", "1")
    .action(async (file: string, targetOptions: readonly string[], options: SwitchOptions) => {
      const { p4Run } = await import("./verbs/p4-run.ts");
      await p4Run(session, file, targetOptions, options);
    });
}
