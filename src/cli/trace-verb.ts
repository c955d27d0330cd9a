import { type Command, Option } from "commander";
import { collect, defineVerb, withJson, withTestbed } from "./definition.ts";
import type { Session } from "./session.ts";
import type { TraceOptions } from "./verbs/trace.ts";

/** `trace`. */
export function defineTraceVerb(program: Command, session: Session): void {
  withJson(
    withTestbed(
      defineVerb(program, "trace", {
        summary: "follow one packet over all wires, and show what each hop did to it",
        details:
          "From NODE:PORT a packet is sent, as if the node had sent it; from NODE the first packet is followed that a " +
          "command sends, which comes after --. It is known again behind routers, NAT and tunnels (Geneve, VXLAN). Ends " +
          "with exit code 1 when it did not arrive at the node or port given by --to.",
        examples: [
          ["kestrel trace h1:net0 --to h2", "an echo request; --udp 53 for a datagram"],
          ["kestrel trace h1 --to h2 -- ping -c 1 10.0.2.1", "the first packet of a real command"],
          ["kestrel trace h1:net0 --to h2 --tap r1:gnv0", "and see it at an interface inside r1"],
        ],
      }),
    ),
  )
    .usage("<node:port> --to <where> [options] | <node> [options] -- <command...>")
    .argument("<from>", "NODE:PORT that a packet is sent from, or NODE that a command is run in")
    .argument("[command...]", "the command and its arguments, after --")
    .option("--to <where>", "where it goes: a node, NODE:PORT or an address")
    .addOption(new Option("-4, --ipv4", "send IPv4").conflicts("ipv6"))
    .option("-6, --ipv6", "send IPv6; unless said, whichever both ends have")
    .option("--udp <port>", "send a UDP datagram to that port instead of an echo request")
    .option("--hop-limit <hops>", "hops that the packet may live; 64 unless given")
    .option("--via <node:port>", "the port whose MAC it is sent to; the other end of the wire unless given")
    .option("--tap <node:interface>", "see it at that interface inside a node too; may be repeated", collect)
    .option("--within <seconds>", "follow it for so long at most; 20 unless given")
    .action(async (from: string, command: readonly string[], options: TraceOptions) => {
      const { trace } = await import("./verbs/trace.ts");
      await trace(session, from, command, options);
    });
}
