import fc from "fast-check";
import { geneve, type Geneve, type GeneveOption } from "../../src/packet/index.ts";
import { bits, lengths } from "./arbitrary-field.ts";

const option: fc.Arbitrary<GeneveOption> = fc.oneof(
  fc.constant<GeneveOption>({ option: "external" }),
  fc.record({
    option: fc.constant("multicast"),
    replication: fc.constantFrom<"external" | "underlay" | "both" | number>("external", "underlay", "both", 3),
  }),
  fc.record({ option: fc.constant("maximum-segment-size"), size: bits(32) }),
  fc.record({
    option: fc.constant("unknown"),
    class: fc.constantFrom(0x0103, 0xffff),
    type: bits(8),
    data: lengths(4, 0, 5),
  }),
);

/** Any Geneve header. */
export const anyGeneve: fc.Arbitrary<Geneve> = fc
  .record({ vni: bits(24), control: fc.boolean(), options: fc.array(option, { maxLength: 4 }) })
  .map(geneve);
