import { isGiven } from "../engine/given.ts";
import { z } from "@hono/zod-openapi";
import { setSetting } from "../control/inventory.ts";
import { familyOf } from "../engine/ip-block.ts";
import { invalid, notFound } from "../resources/refusals.ts";
import { operation, type Operations } from "./operation.ts";
import { ip, ipNet, switchSlot, time } from "./values.ts";

const mode = z.enum(["single_hop", "multi_hop"]);
const threshold = z.int().min(1).max(255);
const microseconds = z.int().min(1).max(60_000_000);
const bfdStatus = z
  .object({
    detection_threshold: z.int(),
    local: z.string().nullable(),
    mode,
    peer: z.string(),
    required_rx: z.int(),
    state: z.enum(["admin_down", "down", "init", "up"]),
    switch_slot: switchSlot,
  })
  .openapi("BfdStatus");

/** Operations on BFD sessions. */
export const bfdOperations: Operations = (api, context) => {
  const { store, fabric } = context;
  const { bfdSessions, switches } = store.tables;
  const path = "/v1/system/networking";
  operation(
    api,
    context,
    {
      id: "networking_bfd_enable",
      method: "post",
      path: `${path}/bfd-enable`,
      summary: "Enable a BFD session",
      body: z.strictObject({
        detection_threshold: threshold,
        local: ip.nullish(),
        mode,
        remote: ip,
        required_rx: microseconds,
        switch_slot: switchSlot,
      }),
    },
    ({ body: { local, ...session } }) => {
      const { switch_slot, remote } = session;
      if (isGiven(local) && familyOf(local) !== familyOf(remote)) {
        throw invalid("local", `${local} is of another family than ${remote}`);
      }
      const facts = { ...session, local: local ?? null };
      const changed = bfdSessions.update({ switch_slot, remote }, facts);
      if (changed === 0) bfdSessions.insert({ id: store.newId(), ...facts });
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_bfd_disable",
      method: "post",
      path: `${path}/bfd-disable`,
      summary: "Disable a BFD session",
      body: z.strictObject({ remote: ip, switch_slot: switchSlot }),
    },
    ({ body }) => {
      if (bfdSessions.delete(body) === 0) throw notFound("bfd-session", "remote", body.remote);
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_bfd_status",
      method: "get",
      path: `${path}/bfd-status`,
      summary: "Get BFD status",
      answer: z.array(bfdStatus),
    },
    () =>
      bfdSessions.list().flatMap(({ id: _, remote: peer, switch_slot, ...session }) =>
        switches.list({ is_present: true, switch_slot }).map((row) => {
          const found = fabric.switchReport(row.id)?.bfd.find((each) => each.peer === peer);
          return { ...session, peer, switch_slot, state: found?.state ?? ("down" as const) };
        }),
      ),
  );
};

const allowedIps = z.discriminatedUnion("allow", [
  z.strictObject({ allow: z.literal("any") }),
  z.strictObject({ allow: z.literal("list"), ips: z.array(ipNet).min(1).max(1024) }),
]);
const allowList = z
  .object({
    allowed_ips: z.object({ allow: z.enum(["any", "list"]), ips: z.array(z.string()).optional() }),
    time_created: time,
    time_modified: time,
  })
  .openapi("AllowList");
const icmp = z.object({ enabled: z.boolean() }).openapi("ServiceIcmpConfig");
const networking = z.object({ external_jumbo_frames_opt_in_enabled: z.boolean() }).openapi("SystemNetworkingSettings");

/** Operations on what holds for the whole fleet. */
export const fleetOperations: Operations = (api, context) => {
  const { store } = context;
  const { settings } = store.tables;
  const path = "/v1/system/networking";
  const read = <S extends z.ZodType>(key: string, schema: S, fallback: z.output<S>): z.output<S> => {
    const row = settings.find({ key });
    return row === undefined ? fallback : schema.parse(row.value);
  };
  const showAllowList = (): z.input<typeof allowList> => {
    const row = settings.find({ key: "allow_list" });
    const always = { time_created: "1970-01-01T00:00:00.000Z", time_modified: "1970-01-01T00:00:00.000Z" };
    const { time_created, time_modified } = row ?? always;
    return { allowed_ips: read("allow_list", allowedIps, { allow: "any" }), time_created, time_modified };
  };
  operation(
    api,
    context,
    {
      id: "networking_allow_list_view",
      method: "get",
      path: `${path}/allow-list`,
      summary: "Get user-facing services IP allowlist",
      answer: allowList,
    },
    showAllowList,
  );
  operation(
    api,
    context,
    {
      id: "networking_allow_list_update",
      method: "put",
      path: `${path}/allow-list`,
      summary: "Update user-facing services IP allowlist",
      body: z.strictObject({ allowed_ips: allowedIps }),
      answer: allowList,
    },
    ({ body }) => {
      setSetting(store, "allow_list", body.allowed_ips);
      return showAllowList();
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_inbound_icmp_view",
      method: "get",
      path: `${path}/inbound-icmp`,
      summary: "Return whether API services can receive limited ICMP traffic",
      answer: icmp,
    },
    () => read("inbound_icmp", icmp, { enabled: true }),
  );
  operation(
    api,
    context,
    {
      id: "networking_inbound_icmp_update",
      method: "put",
      path: `${path}/inbound-icmp`,
      summary: "Set whether API services can receive limited ICMP traffic",
      body: z.strictObject({ enabled: z.boolean() }),
    },
    ({ body }) => {
      setSetting(store, "inbound_icmp", body);
    },
  );
  operation(
    api,
    context,
    {
      id: "system_networking_settings_view",
      method: "get",
      path: `${path}/settings`,
      summary: "Fetch system networking settings",
      answer: networking,
    },
    () => read("networking", networking, { external_jumbo_frames_opt_in_enabled: false }),
  );
  operation(
    api,
    context,
    {
      id: "system_networking_settings_update",
      method: "put",
      path: `${path}/settings`,
      summary: "Update system networking settings",
      body: z.strictObject({ external_jumbo_frames_opt_in_enabled: z.boolean().optional() }),
      answer: networking,
    },
    ({ body }) => {
      const before = read("networking", networking, { external_jumbo_frames_opt_in_enabled: false });
      const after = { ...before, ...body };
      setSetting(store, "networking", after);
      return networking.parse(after);
    },
  );
};
