import { z } from "@hono/zod-openapi";
import { familyOf } from "../engine/ip-block.ts";
import type { InterfaceRow } from "../engine/rows.ts";
import { view } from "./operation.ts";
import { identity, identityCreate, ipv4, ipv4Net, ipv6, ipv6Net, name } from "./values.ts";

const stack = z.object({ ip: z.string(), transit_ips: z.array(z.string()) });

/** A NIC of an instance as it is shown. */
export const networkInterface = z
  .object({
    ...identity,
    instance_id: z.string(),
    vpc_id: z.string(),
    subnet_id: z.string(),
    mac: z.string(),
    primary: z.boolean(),
    ip_stack: z.discriminatedUnion("type", [
      z.object({ type: z.literal("v4"), value: stack }),
      z.object({ type: z.literal("v6"), value: stack }),
      z.object({ type: z.literal("dual_stack"), value: z.object({ v4: stack, v6: stack }) }),
    ]),
  })
  .openapi("InstanceNetworkInterface");

/** A NIC of an instance as it is shown. */
export function showInterface(row: InterfaceRow): z.input<typeof networkInterface> {
  const transitOf = (family: 4 | 6): string[] => row.transit_ips.filter((prefix) => familyOf(prefix) === family);
  const v4 = row.ipv4 === null ? undefined : { ip: row.ipv4, transit_ips: transitOf(4) };
  const v6 = row.ipv6 === null ? undefined : { ip: row.ipv6, transit_ips: transitOf(6) };
  return view(networkInterface, {
    ...row,
    mac: row.mac.toUpperCase(),
    instance_id: row.instance_id ?? "",
    primary: row.is_primary,
    ip_stack: ipStack(v4, v6),
  });
}

type Stack = z.input<typeof stack>;

function ipStack(v4: Stack | undefined, v6: Stack | undefined): z.input<typeof networkInterface>["ip_stack"] {
  if (v4 !== undefined && v6 !== undefined) return { type: "dual_stack", value: { v4, v6 } };
  if (v6 !== undefined) return { type: "v6", value: v6 };
  return { type: "v4", value: v4 ?? { ip: "", transit_ips: [] } };
}

const auto = z.strictObject({ type: z.literal("auto") });
const ipv4Stack = z.strictObject({
  ip: z.discriminatedUnion("type", [auto, z.strictObject({ type: z.literal("explicit"), value: ipv4 })]),
  transit_ips: z.array(ipv4Net).optional(),
});
const ipv6Stack = z.strictObject({
  ip: z.discriminatedUnion("type", [auto, z.strictObject({ type: z.literal("explicit"), value: ipv6 })]),
  transit_ips: z.array(ipv6Net).optional(),
});

/** What is said of a new NIC. */
export const networkInterfaceCreate = z
  .strictObject({
    ...identityCreate,
    vpc_name: name,
    subnet_name: name,
    ip_config: z
      .discriminatedUnion("type", [
        z.strictObject({ type: z.literal("v4"), value: ipv4Stack }),
        z.strictObject({ type: z.literal("v6"), value: ipv6Stack }),
        z.strictObject({ type: z.literal("dual_stack"), value: z.strictObject({ v4: ipv4Stack, v6: ipv6Stack }) }),
      ])
      .optional(),
  })
  .openapi("InstanceNetworkInterfaceCreate");
export type NetworkInterfaceCreate = z.output<typeof networkInterfaceCreate>;
