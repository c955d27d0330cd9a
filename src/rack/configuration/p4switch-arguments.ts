import type { RackNode } from "../fabric.ts";

/** Number of a switch's port in its data plane: 0 is the processor, the others follow in the order of the topology. */
export function portNumber({ node }: RackNode, port: string): number {
  return node.ports.findIndex(({ name }) => name === port) + 1;
}

/** p4switch's command line: the program of the rack on all ports of the switch, replaceable while it runs. */
export function p4switchArguments(owner: RackNode): readonly string[] {
  const ports = owner.node.ports.map(({ name }) => `${portNumber(owner, name)}@${name}`);
  const interfaces = ["0@cpu0", ...ports].flatMap((port) => ["--interface", port]);
  return [...interfaces, "--seed", seedNumber(owner), "/opt/kestrel/rack.json", "--", "--enable-swap"];
}

/** p4switch takes 32 bits. */
function seedNumber({ node }: RackNode): string {
  return String(Number.parseInt(node.seed.slice(0, 8), 16));
}
