import { setTimeout } from "node:timers/promises";
import { deserializeError, describeError } from "../../error/kestrel-error.ts";
import type { ServiceStatus } from "../../guest/index.ts";
import type { Testbed } from "../../testbed/index.ts";
import type { NodeStatus, TestbedStatus } from "../../testbed/protocol.ts";
import { formatAge, formatMilliseconds } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import { paintState } from "../state-colors.ts";
import { table } from "../table.ts";
import type { Colors } from "../terminal.ts";

/** Options of `kestrel status`. */
export interface StatusOptions extends TestbedOption, JsonOption {}

/** The daemons of a node. */
export interface NodeServices {
  readonly node: string;
  readonly services: readonly ServiceStatus[];
}

/** What `--json` prints. */
export type StatusAnswer = TestbedStatus & {
  /** Daemons of the nodes that have any and answer. */
  readonly services: readonly NodeServices[];
};

/** Milliseconds that a node may take to say how its daemons are. */
const answerDeadlineMs = 5_000;

/** Show the nodes of a testbed. */
export async function status(session: Session, options: StatusOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const found = await testbed.status();
  const answer = { ...found, services: await servicesOf(testbed, found) };
  if (options.json === true) session.terminal.printJson(answer);
  else session.terminal.print(describeStatus(answer, session.terminal.colors, Date.now()));
}

async function servicesOf(testbed: Testbed, { nodes }: TestbedStatus): Promise<readonly NodeServices[]> {
  const asked = nodes.filter(({ name, state }) => state === "ready" && testbed.node(name).plan.services.length > 0);
  const answers = asked.map(async ({ name }): Promise<readonly NodeServices[]> => {
    const guest = await testbed.node(name).guest();
    const late = setTimeout(answerDeadlineMs, [], { ref: false });
    // A node that is frozen or on its way down has other news than its daemons.
    const list = guest.services.list().then((services) => [{ node: name, services }]);
    return Promise.race([list.catch(() => []), late]);
  });
  return (await Promise.all(answers)).flat();
}

/** The status for a person: a line about the testbed, a line a node and port, then what has failed. */
export function describeStatus(found: StatusAnswer, colors: Colors, now: number): string {
  const panel = found.panel.running ? `panel ${found.panel.pid ?? "-"}` : colors.red("no panel");
  const facts = [
    paintState(found.state, colors),
    `topology ${found.topology}`,
    found.accelerator ?? "no accelerator yet",
    `supervisor ${found.supervisor.pid}`,
    panel,
    `started ${formatAge(now - found.supervisor.startedAt)}`,
  ];
  const head = ["NODE", "KIND", "STATE", "PID", "FROM", "READY AFTER", "PORT", "ADDRESSES", "WIRE"];
  const failures = [
    ...found.nodes.flatMap(({ name, failure }) => (failure === null ? [] : [{ name, failure }])),
    ...(found.failure === null ? [] : [{ name: found.name, failure: found.failure }]),
  ].map(({ name, failure }) => `${colors.red(`${name} failed:`)} ${describeError(deserializeError(failure))}`);
  return [
    `${colors.bold(found.name)}: ${facts.join(", ")}`,
    colors.dim(found.runDirectory),
    "",
    table(
      found.nodes.flatMap((node) => nodeRows(node, colors)),
      head,
      colors,
    ),
    ...(found.services.length === 0 ? [] : ["", table(found.services.flatMap(serviceRows), serviceHead, colors)]),
    ...failures.map((failure) => `\n${failure}`),
  ].join("\n");
}

const serviceHead = ["NODE", "DAEMON", "STATE", "PID", "RESTARTS", "LAST END"];

function serviceRows({ node, services }: NodeServices): readonly (readonly string[])[] {
  return services.map(({ name, state, pid, restarts, exit }, index) => [
    index === 0 ? node : "",
    name,
    state,
    String(pid ?? "-"),
    String(restarts),
    exit === null ? "-" : (exit.signal ?? `exit code ${exit.exitCode ?? "none"}`),
  ]);
}

function nodeRows(node: NodeStatus, colors: Colors): readonly (readonly string[])[] {
  const own = [
    colors.bold(node.name),
    node.kind,
    paintState(node.state, colors),
    String(node.pid ?? "-"),
    node.origin ?? "-",
    node.readyAfterMs === null ? "-" : formatMilliseconds(node.readyAfterMs),
  ];
  const ports = node.ports.map(({ name, addresses, wire, up }) => [
    name,
    addresses.join(" ") || "-",
    wire === null ? colors.dim("unplugged") : up ? wire : `${wire} ${colors.yellow("(no carrier)")}`,
  ]);
  const [first = ["-", "-", "-"], ...rest] = ports;
  return [[...own, ...first], ...rest.map((port) => [...own.map(() => ""), ...port])];
}
