import type { RackNode } from "../fabric.ts";

const simpleSwitch = "simple_switch";
const programOfRack = ["/opt/kestrel/rack.json", "--", "--enable-swap"] as const;

/** Number of a switch's port in its data plane: 0 is the processor, the others follow in the order of the topology. */
export function portNumber({ node }: RackNode, port: string): number {
  return node.ports.findIndex(({ name }) => name === port) + 1;
}

/** p4switch's command line: the program of the rack on all ports of the switch, replaceable while it runs. */
export function p4switchArguments(owner: RackNode): readonly string[] {
  return [...interfacesOf(owner), "--seed", seedNumber(owner), ...programOfRack];
}

/** The same for BMv2's simple_switch, which is wherever the node has it. */
export function simpleSwitchCommand(owner: RackNode): readonly string[] {
  return ["/usr/bin/env", simpleSwitch, ...interfacesOf(owner), ...programOfRack];
}

/** A command that fails, and says what to do, where a node has no simple_switch. */
export const simpleSwitchCheck = `command -v ${simpleSwitch} > /dev/null || { echo '${[
  `engine: bmv2 needs ${simpleSwitch} in the PATH of this node, and there is none: bring yours`,
  "and its libraries by files: of the node, or by an image of your own, or leave engine: out",
].join(" ")}' >&2; exit 1; }`;

function interfacesOf(owner: RackNode): readonly string[] {
  const ports = owner.node.ports.map(({ name }) => `${portNumber(owner, name)}@${name}`);
  return ["0@cpu0", ...ports].flatMap((port) => ["--interface", port]);
}

/** p4switch takes 32 bits. */
function seedNumber({ node }: RackNode): string {
  return String(Number.parseInt(node.seed.slice(0, 8), 16));
}
