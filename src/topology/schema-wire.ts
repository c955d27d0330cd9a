import { z } from "zod";
import { count, duration, endPair, mtu, portReference, probability, rate, size, text } from "./schema-scalars.ts";

/** What can be done to the frames of one direction. */
const impairments = {
  delay: duration.describe("Constant latency."),
  jitter: duration.describe("Uniformly distributed extra latency, from none to this; frames keep their order."),
  loss: probability.describe("Share of frames that are lost."),
  duplicate: probability.describe("Share of frames that are delivered twice."),
  reorder: probability.describe("Share of frames that overtake those delayed before them."),
  corrupt: probability.describe("Share of frames in which one bit is flipped."),
  rate: rate.describe("Serialisation rate."),
  mtu: mtu.describe("Largest Ethernet payload that passes, in bytes."),
  queue: size.describe("Frames that may wait before the tail is dropped."),
  cut: z.boolean().describe("Silence: nothing passes, the carrier stays."),
};
export const impairmentsSchema = z.strictObject(impairments).partial().meta({ id: "impairments" });

export const wireSchema = z
  .strictObject({
    ends: endPair.describe("The two ports, a then b."),
    name: text(/^[A-Za-z0-9][A-Za-z0-9:._-]*$/, "a wire name")
      .optional()
      .describe("h1:net0--r1:net0 unless given."),
    count: count.optional(),
    direct: z
      .boolean()
      .optional()
      .describe("Connect the two machines without the patch panel: no counters, recordings or impairments."),
    ...impairmentsSchema.shape,
    aToB: impairmentsSchema.optional().describe("Impairments of the direction from the first end to the second only."),
    bToA: impairmentsSchema.optional().describe("Impairments of the direction from the second end to the first only."),
  })
  .meta({ id: "wire" });
export const wireEntry = z
  .union([endPair, wireSchema], { error: "expected a list of two ports, or a mapping" })
  .describe("Two ports, or a mapping.");

export const legSchema = z
  .union([
    portReference,
    z.strictObject({
      port: portReference,
      count: count.optional(),
      ...impairmentsSchema.shape,
    }),
  ])
  .meta({ id: "leg" });
export const segmentSchema = z
  .strictObject({
    ports: z.array(legSchema).optional().describe("The ports on it."),
    vde: z
      .union([z.boolean(), z.string().min(1)], { error: "expected true, or the directory of a running VDE switch" })
      .optional()
      .describe("Attach a VDE switch: true starts one, a path names the directory of a running one."),
  })
  .meta({ id: "segment" });
export const segmentEntry = z
  .union([segmentSchema, z.array(legSchema)], { error: "expected a mapping, or a list of ports" })
  .describe("A mapping, or just the list of its ports.");
