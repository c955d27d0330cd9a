import { FlowTestbed } from "../../flow/flow-testbed.ts";
import { describePacket } from "../../flow/inner-packet.ts";
import { type FollowOptions, hasArrived } from "../../flow/path/follow-packet.ts";
import { isPlaceOfTestbed, probe } from "../../flow/probe.ts";
import { hopsToJson } from "../../flow/trace-json.ts";
import type { PacketTrace } from "../../flow/trace.ts";
import { portNumber, secondsAsMilliseconds, wholeNumber, wrongValue } from "../option-values.ts";
import { countOf } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel trace`. */
export interface TraceOptions extends TestbedOption, JsonOption {
  readonly to?: string;
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly udp?: string;
  readonly hopLimit?: string;
  readonly via?: string;
  readonly tap?: readonly string[];
  readonly within?: string;
}

/** The exit code for a packet that did not arrive. */
const notArrived = 1;

/** Follow one packet over all wires: one that is sent for it from a port, or the first that a command in a node sends. */
export async function trace(
  session: Session,
  from: string,
  command: readonly string[],
  options: TraceOptions,
): Promise<void> {
  const { terminal } = session;
  const { to } = options;
  if (command.length === 0 && !from.includes(":"))
    throw wrongValue("trace", "NODE:PORT --to NODE, or NODE -- COMMAND", from, "kestrel trace h1:net0 --to h2");
  if (command.length === 0 && to === undefined)
    throw wrongValue(
      "--to",
      "where the packet goes: a node, NODE:PORT or an address",
      "",
      `kestrel trace ${from} --to h2`,
    );
  using testbed = await session.testbed(options);
  await using bed = new FlowTestbed(testbed, await testbed.wires.cursor(), () => Promise.resolve());
  const place = to !== undefined && isPlaceOfTestbed(bed, to) ? to : undefined;
  for (const tap of options.tap ?? []) await openTap(bed, tap);
  const followed = await follow(bed, from, command, place, options);
  const arrived = place === undefined ? null : hasArrived(followed.sightings, place);
  if (arrived === false) session.exitCode = notArrived;
  if (options.json === true) {
    const answers = followed.answers.map(({ from: by, packet }) => ({ from: by, summary: describePacket(packet) }));
    terminal.printJson({ from, to: to ?? null, arrived, hops: hopsToJson(followed.hops), answers });
    return;
  }
  terminal.print(String(followed));
  terminal.print("");
  terminal.print(verdict(followed, place, arrived, terminal.colors));
}

async function openTap(bed: FlowTestbed, name: string): Promise<void> {
  const [node = "", interfaceName] = name.split(":");
  if (interfaceName === undefined) throw wrongValue("--tap", "NODE:INTERFACE", name);
  await bed.node(node).tap(interfaceName);
}

function follow(
  bed: FlowTestbed,
  from: string,
  command: readonly string[],
  place: string | undefined,
  options: TraceOptions,
): Promise<PacketTrace> {
  const following: FollowOptions = {
    ...(place === undefined ? {} : { to: place }),
    ...(options.within === undefined ? {} : { within: secondsAsMilliseconds(options.within, "--within") }),
  };
  if (command.length === 0) return followProbe(bed, from, options, following);
  const [node = ""] = from.split(":");
  const [line = ""] = command;
  return bed.node(node).trace(command.length === 1 ? line : command, following);
}

async function followProbe(
  bed: FlowTestbed,
  from: string,
  { to = "", ipv4, ipv6, udp, hopLimit, via }: TraceOptions,
  following: FollowOptions,
): Promise<PacketTrace> {
  const port = bed.port(from);
  const packet = await probe(port, {
    to,
    family: ipv4 === true ? "ipv4" : ipv6 === true ? "ipv6" : undefined,
    udpPort: udp === undefined ? undefined : portNumber(udp, "--udp"),
    hopLimit: hopLimit === undefined ? undefined : wholeNumber(hopLimit, "--hop-limit", 1, 255),
    via,
  });
  return port.trace(packet, following);
}

/** One line that says how it ended. */
function verdict(
  { sightings }: PacketTrace,
  place: string | undefined,
  arrived: boolean | null,
  colors: Session["terminal"]["colors"],
): string {
  const [first, last] = [sightings[0], sightings.at(-1)];
  if (first === undefined || last === undefined) return "";
  const wires = countOf(new Set(sightings.filter(({ tap }) => tap === undefined).map(({ wire }) => wire)).size, "wire");
  const milliseconds = Number(last.timestampNanoseconds - first.timestampNanoseconds) / 1e6;
  const way = `over ${wires}, ${milliseconds.toFixed(3)} ms from the first to the last`;
  if (arrived === true && place !== undefined) return colors.green(`arrived at ${place} ${way}`);
  const where = `last seen from ${last.from} to ${last.to} as ${describePacket(last.packet)}`;
  const fate = last.fate === "delivered" ? "" : `, where it was not delivered: ${last.fate}`;
  return arrived === false
    ? colors.red(`did not arrive at ${place ?? ""}: ${where}${fate}`)
    : `${way}; ${where}${fate}`;
}
