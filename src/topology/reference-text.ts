/** One section of the reference: a definition of the schema and what its table cannot say. */
export interface ReferenceSection {
  /** Id in the JSON Schema, or `topology` for its root. */
  readonly definition: string;
  readonly title: string;
  readonly text: string;
  /** A file of topologies/ that shows it. */
  readonly example?: string;
}

export const referenceIntroduction = `# Topology reference

<!-- Generated from the schema by scripts/generate-docs.ts: change src/topology, not this page. -->

A topology says which machines there are, which ports they have, and what is plugged into what. It is a YAML file, or
built in TypeScript over the same schema. \`kestrel plan FILE\` shows what it comes to, \`kestrel graph FILE\` draws it, and
\`kestrel schema\` prints the JSON Schema for an editor.

Sizes, durations, shares and rates carry their unit (\`256 MiB\`, \`10 ms\`, \`1%\`, \`10 mbit\`). Unknown keys are faults, and
all faults of a file are told at once. Anchors, aliases and tags of YAML are not used: \`extends\`, \`defaults\` and
blueprints share what is common.

Names decide everything that is derived: the MAC of a port comes from the names of topology, node and port, and the
randomness of a node from the seed and its name. Moving entries around changes neither.`;

export const referenceSections: readonly ReferenceSection[] = [
  {
    definition: "topology",
    title: "Topology",
    text: `Every key may be left out. \`\${…}\` in a text stands for a parameter, or for an expression over parameters: whole numbers,
\`+ - * / %\`, parentheses and \`hex(…)\`. Inside \`[ ]\` and \`{ }\` YAML wants such a text in quotes. A text that is one
expression becomes a number where one is expected; a literal \`\${\` is written \`$\${\`.`,
  },
  {
    definition: "node",
    title: "Node",
    text: `A virtual machine. Its name is its hostname: lower-case letters, digits and \`-\`. What \`extends\` names and what
\`defaults\` holds are merged below it key by key; lists are replaced. With \`count\` the name must hold \`\${i}\`.`,
    example: "routed.yaml",
  },
  {
    definition: "port",
    title: "Port",
    text: `A NIC, known by its name in the guest, on the wire, in captures and in events. A port takes one wire, segment or uplink.
The same address at two ports is a fault unless both say \`anycast\`. A bare list stands for \`addresses\`.`,
  },
  { definition: "uplink", title: "Uplink", text: "Written as `user`, or as a mapping:" },
  { definition: "route", title: "Route", text: "The port follows from the network that the next hop is on." },
  {
    definition: "condition",
    title: "Ready condition",
    text: "One of `command`, `file` and `tcp`, and how long it is waited for.",
  },
  { definition: "after", title: "After", text: "The name of a node or an instance, or a mapping:" },
  { definition: "file", title: "File", text: "The text itself, or a mapping with `content` or `from`:" },
  { definition: "cloudInit", title: "Cloud-init", text: "The files of a NoCloud seed, for nodes of kind `vm`." },
  {
    definition: "wire",
    title: "Wire",
    text: `A cable between two ports, each written \`node:port\`. The short form is the list of its two ends. Impairments given
directly hold in both directions, those below \`aToB\` and \`bToA\` in one.`,
  },
  {
    definition: "impairments",
    title: "Impairments",
    text: "What happens to the frames of one direction. All of it can be changed at run time with `kestrel wire set`.",
    example: "impaired.yaml",
  },
  {
    definition: "segment",
    title: "Segment",
    text: "A shared Ethernet: what one port sends, all others receive. The short form is the list of its ports.",
    example: "segment.yaml",
  },
  { definition: "leg", title: "Leg", text: "A port on a segment, and what happens to its frames in both directions." },
  {
    definition: "blueprint",
    title: "Blueprint",
    text: `A piece of topology with parameters. Inside, names are its own; outside, its nodes are \`INSTANCE-NODE\`, and the ports
that it exports are wired as \`INSTANCE:NAME\`. Besides its parameters, \`\${instance}\` is the name of the instance and
\`\${node}\`, within a node, that of the node.`,
    example: "blueprint.yaml",
  },
  {
    definition: "instance",
    title: "Instance",
    text: "A use of a blueprint. With `count` the name must hold `${i}`, which the values under `with` can use as well.",
  },
  {
    definition: "stack",
    title: "Stack",
    text: `What is asked of the racks that sleds and switches make up ([rack.md](rack.md)), and of their ways out ([boundary.md](boundary.md)). \`multipath: true\`, or a mapping with
\`interval\` (a duration between two probes of a path, 250 ms unless given), is delay-driven multipath ([multipath.md](multipath.md)).
\`engine: bmv2\` has switches run a simple_switch of yours ([p4-switch.md](p4-switch.md#a-real-simple_switch-in-a-rack)).`,
  },
  {
    definition: "project",
    title: "Project",
    text: "A project of the control plane, by its name.",
    example: "instances.yaml",
  },
  {
    definition: "rack-instance",
    title: "Rack instance",
    text: `An instance of a project; nexus chooses its sled. One of kind \`vm\` is a machine of 256 MiB that the testbed has besides the
declared nodes (\`machine0\`, \`machine1\`…), plugged into whichever sled the instance is at.`,
  },
  { definition: "bgp", title: "BGP router", text: "How the switches of the rack speak BGP." },
  { definition: "rack-uplink", title: "Rack uplink", text: "A front port of a switch that leads out of the rack." },
  { definition: "bgp-peer", title: "BGP peer", text: "A router at the other end of an uplink." },
];
