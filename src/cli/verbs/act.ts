import { serializeError } from "../../error/kestrel-error.ts";
import type { NodeVerb } from "../../testbed/protocol.ts";
import { formatMilliseconds } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of the verbs on machines. */
export interface ActOptions extends TestbedOption, JsonOption {}

const done: Readonly<Record<NodeVerb, string>> = {
  pause: "is paused",
  resume: "runs on",
  reboot: "has rebooted",
  "power-cycle": "was power-cycled",
  kill: "is off",
  start: "has started",
};

/** Do a verb on the machines of several nodes at once; all are tried, the first failure is told in the end. */
export async function act(
  session: Session,
  verb: NodeVerb,
  names: readonly string[],
  options: ActOptions,
): Promise<void> {
  const { terminal } = session;
  using testbed = await session.testbed(options);
  const nodes = [...new Set(names)].map((name) => testbed.node(name));
  const failures: unknown[] = [];
  const outcomes = await Promise.all(
    nodes.map(async (node) => {
      const startedAt = performance.now();
      try {
        await node.act(verb);
        const elapsedMs = Math.round(performance.now() - startedAt);
        if (options.json !== true) {
          terminal.print(`${terminal.colors.green("✔")} ${node.name} ${done[verb]} (${formatMilliseconds(elapsedMs)})`);
        }
        return { node: node.name, verb, elapsedMs };
      } catch (error) {
        failures.push(error);
        return { node: node.name, verb, error: serializeError(error) };
      }
    }),
  );
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1)
    throw new AggregateError(failures, `${verb}: ${failures.length} of ${nodes.length} nodes failed`);
  if (options.json === true) terminal.printJson({ nodes: outcomes });
}
