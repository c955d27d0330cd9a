import type { FlowTestbed } from "../../src/index.ts";

/** An imported path, the originator first. */
interface PathVector {
  readonly destination: string;
  readonly path: readonly string[];
}

interface Peer {
  readonly host: string;
  readonly addr: string;
  readonly interface: string;
  readonly status: { readonly type: string };
}

/** What ddmd of a node answers to a question. */
export async function askDdmd<Answer>(bed: FlowTestbed, node: string, path: string): Promise<Answer> {
  const { status, body } = await bed.node(node).httpGet({ address: "::1", port: 8000, path });
  if (status !== 200) throw new Error(`${node}: ddmd answers ${path} with ${status}: ${body}`);
  return JSON.parse(body) as Answer;
}

/** Have ddmd of a node do something: the same as ddmadm would, which takes seconds to start where the processor is emulated. */
export async function tellDdmd(
  bed: FlowTestbed,
  node: string,
  method: "PUT" | "DELETE",
  path: string,
  body?: unknown,
): Promise<void> {
  await using ddmd = await bed.node(node).forward(8000);
  const answer = await fetch(`http://${ddmd.address}:${ddmd.port}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok)
    throw new Error(`${node}: ddmd answers ${method} ${path} with ${answer.status}: ${await answer.text()}`);
}

/** Names of the peers that a node exchanges routes with, by interface. */
export async function peersOf(bed: FlowTestbed, node: string): Promise<readonly Peer[]> {
  const peers = await askDdmd<Readonly<Record<string, Peer>>>(bed, node, "/peers");
  return Object.values(peers).filter(({ status }) => status.type === "Exchange");
}

/** The prefixes like these that a node has learned of its neighbours. */
export async function learned(bed: FlowTestbed, node: string, prefixes: RegExp): Promise<readonly string[]> {
  const byNextHop = await askDdmd<Readonly<Record<string, readonly PathVector[]>>>(bed, node, "/prefixes");
  const destinations = Object.values(byNextHop).flatMap((vectors) => vectors.map(({ destination }) => destination));
  return [...new Set(destinations)].filter((destination) => prefixes.test(destination)).toSorted();
}

/** Overlay prefixes that a node has learned tunnel origins of. */
export async function learnedTunnels(bed: FlowTestbed, node: string): Promise<readonly string[]> {
  const routes = await askDdmd<readonly { readonly origin: { readonly overlay_prefix: string } }[]>(
    bed,
    node,
    "/tunnel_endpoints",
  );
  return [...new Set(routes.map(({ origin }) => origin.overlay_prefix))].toSorted();
}
