import { z } from "zod";
import { parsePrefix } from "./addresses.ts";
import { boundaryShape } from "./schema-boundary.ts";
import { projectSchema, resourceName } from "./schema-project.ts";
import { checked, duration, nodeName, wholeNumber } from "./schema-scalars.ts";

const underlayPrefix = checked(
  (value) => parsePrefix(value)?.family === 6,
  "an IPv6 prefix such as fd00:1122:3344:99::/64",
);

/** A sled has a port for each. */
const mostMachines = 16;

/** What the racks of a topology are asked for beyond their cables. */
export const stackSchema = z
  .strictObject({
    signed: z
      .boolean()
      .optional()
      .describe("Routing peers prove that they have the testbed's key; who does not is refused. false unless given."),
    engine: z
      .enum(["kestrel", "bmv2"])
      .optional()
      .describe(
        "What switches packets: p4switch, or the simple_switch that is in the PATH of the node. kestrel unless given.",
      ),
    multipath: z
      .union([
        z.boolean(),
        z.strictObject({
          interval: duration.optional().describe("Between two probes of a path; 250 ms unless given."),
        }),
      ])
      .meta({ title: "true, false, or a mapping" })
      .optional()
      .describe("Sleds measure the delay of each path and send fewer flows over slower ones. false unless given."),
    originate: z
      .record(nodeName, z.array(underlayPrefix))
      .optional()
      .describe("Prefixes that a sled or switch originates besides its own, by node."),
    projects: z
      .record(resourceName, z.union([projectSchema, z.null()]).meta({ title: "a project, or nothing" }))
      .optional()
      .describe("What the control plane has when the rack comes up, by the names of projects."),
    machines: wholeNumber(0, mostMachines, `a number of machines from 0 to ${mostMachines}`)
      .optional()
      .describe("Spare machines for instances of kind `vm`, besides those for declared ones; 0 unless given."),
    ...boundaryShape,
  })
  .meta({ id: "stack" });
