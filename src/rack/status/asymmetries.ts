import type { NodeView, RackView, WireView } from "./rack-status.ts";

/** What does not agree between the nodes of a fabric, or between a node and its data plane, in words. */
export function asymmetriesOf(racks: readonly RackView[], wires: readonly WireView[]): readonly string[] {
  const nodes = racks.flatMap((rack) => rack.nodes);
  const answering = nodes.filter(({ silence }) => silence === null);
  return [
    ...nodes.flatMap(({ name, silence }) => (silence === null ? [] : [`${name}: ${silence}`])),
    ...wires.flatMap(oneSidedPeering),
    ...answering.flatMap(notProgrammed),
    ...racks.flatMap((rack) => unknownInRack(rack)),
    ...answering.flatMap((node) => unknownRacks(node, racks)),
  ];
}

function oneSidedPeering({ name, ends: [a, b], peering: [atA, atB] }: WireView): readonly string[] {
  if (atA === atB) return [];
  const [sees, sightless] = atA ? [a, b] : [b, a];
  return [`wire ${name}: ${sees} has a peer, ${sightless} has none`];
}

function notProgrammed({ name, role, routes }: NodeView): readonly string[] {
  const plane = role === "sled" ? "kernel" : "switch";
  return routes.flatMap(({ destination, known, programmed }) => [
    ...difference(known, programmed).map(
      (hop) => `${name}: ${destination} via ${hop} is known and not programmed into the ${plane}`,
    ),
    ...difference(programmed, known).map(
      (hop) => `${name}: ${destination} via ${hop} is programmed into the ${plane} and nobody tells of it`,
    ),
  ]);
}

/** Prefixes that a node of the rack originates and another one does not know. */
function unknownInRack({ nodes }: RackView): readonly string[] {
  const answering = nodes.filter(({ silence }) => silence === null);
  return answering.flatMap((origin) =>
    answering.flatMap((node) => {
      if (node === origin || (node.role === "switch" && origin.role === "switch")) return [];
      return origin.originated
        .filter((prefix) => !knows(node, prefix))
        .map((prefix) => `${node.name} does not know ${prefix}, which ${origin.name} originates`);
    }),
  );
}

function unknownRacks(node: NodeView, racks: readonly RackView[]): readonly string[] {
  return racks
    .filter((rack) => !rack.nodes.includes(node) && rack.nodes.some(({ role }) => role === "switch"))
    .filter(({ prefix }) => !knows(node, prefix))
    .map((rack) => `${node.name} does not know ${rack.prefix}, the rack ${rack.name}`);
}

function knows({ routes, originated }: NodeView, prefix: string): boolean {
  return (
    originated.includes(prefix) || routes.some(({ destination, known }) => destination === prefix && known.length > 0)
  );
}

function difference(list: readonly string[], other: readonly string[]): readonly string[] {
  return list.filter((each) => !other.includes(each));
}
