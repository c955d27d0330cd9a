import { KestrelError } from "../../error/kestrel-error.ts";
import { buildStackBundle, type InstallResult, type StackBundle } from "../../guest/index.ts";
import { swapProgram, ThriftClient } from "../../p4/switch/index.ts";
import { daemonPorts } from "../../rack/index.ts";
import type { NodeHandle } from "../../testbed/node-handle.ts";
import { stackOfKind } from "../../topology/index.ts";
import { formatMilliseconds } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel push`. */
export interface PushOptions extends TestbedOption, JsonOption {}

/** What a push did to a node, as `--json` prints it in `{"elapsedMs", "nodes": […]}`. */
export interface PushOutcome extends InstallResult {
  readonly node: string;
  /** Changes with any byte of the code of the node's kind. */
  readonly digest: string;
  /** P4 programs that were put into the running switch. */
  readonly programs: readonly string[];
}

/** Build the code that runs in guests, swap it into running nodes and restart their services. */
export async function push(session: Session, names: readonly string[], options: PushOptions): Promise<void> {
  const { terminal } = session;
  const startedAt = performance.now();
  using testbed = await session.testbed(options);
  // Foreign guests run nothing of ours.
  const own = testbed.nodes.filter(({ plan }) => plan.disk === null);
  const nodes = names.length === 0 ? own : [...new Set(names)].map((name) => testbed.node(name));
  const foreign = nodes.find(({ plan }) => plan.disk !== null);
  if (foreign !== undefined) throw runsNothingOfOurs(foreign.name);
  const bundles = await bundlesByKind(nodes.map(({ plan }) => plan.kind));
  const pushed = await Promise.all(
    nodes.map(async (node): Promise<PushOutcome> => {
      const bundle = bundles.get(node.plan.kind);
      if (bundle === undefined) throw new Error(`no code was built for ${node.name}`);
      const result = await node.install(bundle.files);
      const programs = await swapPrograms(node, bundle, result);
      return { node: node.name, digest: bundle.digest, ...result, programs };
    }),
  );
  const elapsedMs = Math.round(performance.now() - startedAt);
  if (options.json === true) {
    terminal.printJson({ elapsedMs, nodes: pushed });
    return;
  }
  for (const { node, files, restarted, programs, agentChanged } of pushed) {
    const did = [
      `restarted ${restarted.join(", ") || "no service"}`,
      ...(programs.length === 0 ? [] : [`swapped ${programs.join(", ")}`]),
    ];
    const what = files.length === 0 ? "up to date" : `${files.join(", ")}; ${did.join(", ")}`;
    const later = agentChanged ? "; a changed agent takes effect at the next launch" : "";
    terminal.print(`${terminal.colors.green("✔")} ${node}: ${what}${later}`);
  }
  terminal.note(`pushed in ${formatMilliseconds(elapsedMs)}`);
}

async function bundlesByKind(kinds: readonly string[]): Promise<ReadonlyMap<string, StackBundle>> {
  const built = [...new Set(kinds)].map(async (kind) => [kind, await buildStackBundle(stackOfKind(kind))] as const);
  return new Map(await Promise.all(built));
}

/** Put changed P4 programs into the switch that runs; one that was started anew has read them already. */
async function swapPrograms(
  node: NodeHandle,
  { files }: StackBundle,
  { files: changed, restarted }: InstallResult,
): Promise<readonly string[]> {
  const programs = (stackOfKind(node.plan.kind)?.programs ?? []).map((name) => `${name}.json`);
  const replaced = files.filter(({ path }) => programs.includes(path) && changed.includes(path));
  if (replaced.length === 0 || restarted.includes("p4switch")) return [];
  const guest = await node.guest();
  using client = ThriftClient.over(await guest.connect(daemonPorts.p4switch.port, daemonPorts.p4switch.address));
  for (const { content } of replaced) await swapProgram(client, content.toString("utf8"));
  return replaced.map(({ path }) => path);
}

function runsNothingOfOurs(node: string): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "push",
    subject: node,
    expected: "a node of our own kinds",
    found: "a foreign guest, which runs nothing of ours",
  });
}
