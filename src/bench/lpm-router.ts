import { internetChecksum } from "../packet/checksum.ts";

/** How the router's table matches destinations. */
export type RouterMatch = "lpm" | "ternary" | "range";

/**
 * BMv2 JSON of an IPv4 router as P4 tutorials begin with it: one table of prefixes (or, for other benchmarks, of
 * ternary matches or ranges), TTL, MAC addresses, header checksum verified and updated.
 */
export function routerProgram(match: RouterMatch): string {
  const field = (header: string, name: string): object => ({ type: "field", value: [header, name] });
  const hex = (value: string): object => ({ type: "hexstr", value });
  const assign = (target: object, source: object): object => ({ op: "assign", parameters: [target, source] });
  const ipv4Fields: readonly (readonly [string, number])[] = [
    ["version", 4],
    ["ihl", 4],
    ["diffserv", 8],
    ["totalLen", 16],
    ["identification", 16],
    ["flags", 3],
    ["fragOffset", 13],
    ["ttl", 8],
    ["protocol", 8],
    ["hdrChecksum", 16],
    ["srcAddr", 32],
    ["dstAddr", 32],
  ];
  const decremented = {
    type: "expression",
    value: {
      type: "expression",
      value: {
        op: "&",
        left: { type: "expression", value: { op: "+", left: field("ipv4", "ttl"), right: hex("0xff") } },
        right: hex("0xff"),
      },
    },
  };
  const ipv4Valid = { type: "expression", value: { op: "d2b", left: null, right: field("ipv4", "$valid$") } };
  const actions = [
    { name: "NoAction", id: 0, runtime_data: [], primitives: [] },
    {
      name: "drop",
      id: 1,
      runtime_data: [],
      primitives: [{ op: "mark_to_drop", parameters: [{ type: "header", value: "standard_metadata" }] }],
    },
    {
      name: "ipv4_forward",
      id: 2,
      runtime_data: [
        { name: "dstAddr", bitwidth: 48 },
        { name: "port", bitwidth: 9 },
      ],
      primitives: [
        assign(field("standard_metadata", "egress_spec"), { type: "runtime_data", value: 1 }),
        assign(field("ethernet", "srcAddr"), field("ethernet", "dstAddr")),
        assign(field("ethernet", "dstAddr"), { type: "runtime_data", value: 0 }),
        assign(field("ipv4", "ttl"), decremented),
      ],
    },
  ];
  return JSON.stringify({
    program: "router",
    __meta__: { version: [2, 23] },
    header_types: [
      { name: "scalars_0", id: 0, fields: [] },
      {
        name: "standard_metadata",
        id: 1,
        fields: [
          ["ingress_port", 9, false],
          ["egress_spec", 9, false],
          ["egress_port", 9, false],
          ["instance_type", 32, false],
          ["packet_length", 32, false],
          ["enq_timestamp", 32, false],
          ["enq_qdepth", 19, false],
          ["deq_timedelta", 32, false],
          ["deq_qdepth", 19, false],
          ["ingress_global_timestamp", 48, false],
          ["egress_global_timestamp", 48, false],
          ["mcast_grp", 16, false],
          ["egress_rid", 16, false],
          ["checksum_error", 1, false],
          ["parser_error", 32, false],
          ["priority", 3, false],
          ["_padding", 3, false],
        ],
      },
      {
        name: "ethernet_t",
        id: 2,
        fields: [
          ["dstAddr", 48, false],
          ["srcAddr", 48, false],
          ["etherType", 16, false],
        ],
      },
      { name: "ipv4_t", id: 3, fields: ipv4Fields.map(([name, width]) => [name, width, false]) },
    ],
    headers: [
      { name: "scalars", id: 0, header_type: "scalars_0", metadata: true },
      { name: "standard_metadata", id: 1, header_type: "standard_metadata", metadata: true },
      { name: "ethernet", id: 2, header_type: "ethernet_t", metadata: false },
      { name: "ipv4", id: 3, header_type: "ipv4_t", metadata: false },
    ],
    field_aliases: [
      ["queueing_metadata.enq_timestamp", ["standard_metadata", "enq_timestamp"]],
      ["queueing_metadata.enq_qdepth", ["standard_metadata", "enq_qdepth"]],
      ["queueing_metadata.deq_timedelta", ["standard_metadata", "deq_timedelta"]],
      ["queueing_metadata.deq_qdepth", ["standard_metadata", "deq_qdepth"]],
      ["intrinsic_metadata.ingress_global_timestamp", ["standard_metadata", "ingress_global_timestamp"]],
      ["intrinsic_metadata.egress_global_timestamp", ["standard_metadata", "egress_global_timestamp"]],
      ["intrinsic_metadata.mcast_grp", ["standard_metadata", "mcast_grp"]],
      ["intrinsic_metadata.egress_rid", ["standard_metadata", "egress_rid"]],
      ["intrinsic_metadata.priority", ["standard_metadata", "priority"]],
    ],
    parsers: [
      {
        name: "parser",
        id: 0,
        init_state: "start",
        parse_states: [
          {
            name: "start",
            id: 0,
            parser_ops: [{ op: "extract", parameters: [{ type: "regular", value: "ethernet" }] }],
            transitions: [
              { type: "hexstr", value: "0x0800", mask: null, next_state: "parse_ipv4" },
              { type: "default", value: null, mask: null, next_state: null },
            ],
            transition_key: [field("ethernet", "etherType")],
          },
          {
            name: "parse_ipv4",
            id: 1,
            parser_ops: [{ op: "extract", parameters: [{ type: "regular", value: "ipv4" }] }],
            transitions: [{ type: "default", value: null, mask: null, next_state: null }],
            transition_key: [],
          },
        ],
      },
    ],
    deparsers: [{ name: "deparser", id: 0, order: ["ethernet", "ipv4"], primitives: [] }],
    actions,
    calculations: [
      {
        name: "calc",
        id: 0,
        algo: "csum16",
        input: ipv4Fields.filter(([name]) => name !== "hdrChecksum").map(([name]) => field("ipv4", name)),
      },
    ],
    checksums: [
      {
        name: "cksum",
        id: 0,
        target: ["ipv4", "hdrChecksum"],
        type: "generic",
        calculation: "calc",
        verify: true,
        update: true,
        if_cond: ipv4Valid,
      },
    ],
    pipelines: [
      {
        name: "ingress",
        id: 0,
        init_table: "node_2",
        tables: [
          {
            name: "MyIngress.ipv4_lpm",
            id: 0,
            key: [{ match_type: match, name: "hdr.ipv4.dstAddr", target: ["ipv4", "dstAddr"], mask: null }],
            match_type: match,
            type: "simple",
            max_size: 1_000_000,
            with_counters: false,
            support_timeout: false,
            direct_meters: null,
            action_ids: [2, 1, 0],
            actions: ["ipv4_forward", "drop", "NoAction"],
            base_default_next: null,
            next_tables: { ipv4_forward: null, drop: null, NoAction: null },
            default_entry: { action_id: 1, action_const: false, action_data: [], action_entry_const: false },
          },
        ],
        action_profiles: [],
        conditionals: [
          { name: "node_2", id: 0, expression: ipv4Valid, true_next: "MyIngress.ipv4_lpm", false_next: null },
        ],
      },
      { name: "egress", id: 1, init_table: null, tables: [], action_profiles: [], conditionals: [] },
    ],
  });
}

/** Name of the router's table. */
export const routerTable = "MyIngress.ipv4_lpm";

/** A 64-byte Ethernet frame with an IPv4 packet for `destination`, its checksum right. */
export function routedPacket(destination: number): Buffer {
  const frame = Buffer.alloc(64);
  frame.set([0x02, 0, 0, 0, 0, 0x01, 0x02, 0, 0, 0, 0, 0x02, 0x08, 0x00]);
  const ip = frame.subarray(14, 34);
  ip.set([0x45, 0, 0, 50, 0, 0, 0, 0, 64, 17]);
  ip.writeUInt32BE(0xc0a8_0001, 12);
  ip.writeUInt32BE(destination, 16);
  ip.writeUInt16BE(internetChecksum(ip), 10);
  return frame;
}
