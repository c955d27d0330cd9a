import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { stateOf } from "../state-of.ts";
import { forwardingEntry, m2pEntry, peering, sledState, subscription, v2bEntry, v2pEntry } from "../sled-state.ts";
import type { ApiContext } from "./opted-api.ts";
import { operation } from "./operations.ts";

const { shape } = sledState;
const list = (schema: z.ZodDefault<z.ZodType>): z.ZodType => schema.unwrap();

/** Where addresses live, for all ports of the sled. */
export function mappingOperations(api: OpenAPIHono, { sled, saved }: ApiContext): void {
  for (const [path, key, summary] of [
    ["/v2p", "v2p", "Which sled each address of each VPC lives on."],
    ["/v2b", "v2b", "Which tunnel endpoints lead to a prefix."],
    ["/m2p", "m2p", "Groups of the underlay for groups of the overlay."],
    ["/multicast-forwarding", "forwarding", "Switches that a group's packets are sent to."],
    ["/multicast-subscriptions", "subscriptions", "Ports that get a group's packets, by group of the underlay."],
    ["/peerings", "peerings", "VPCs that reach each other."],
  ] as const) {
    operation(api, "get", path, { summary, answer: list(shape[key]) }, () => stateOf(sled)[key]);
  }
  const changes = <Body extends z.ZodType>(
    method: "put" | "delete",
    path: string,
    summary: string,
    body: Body,
    change: (body: z.output<Body>) => void,
  ): void => {
    operation(api, method, path, { summary, body }, async (given) => {
      change(given.body);
      await saved();
    });
  };
  changes("put", "/v2p", "Say where an address lives.", v2pEntry, ({ vni, ip, mac, underlay }) => {
    sled.setV2p(vni, ip, mac, underlay);
  });
  changes("delete", "/v2p", "Forget where it lives.", v2pEntry.pick({ vni: true, ip: true }), ({ vni, ip }) => {
    sled.clearV2p(vni, ip);
  });
  changes("put", "/v2b", "Add tunnel endpoints of a prefix.", v2bEntry, ({ prefix, endpoints }) => {
    sled.setV2b(prefix, endpoints);
  });
  changes("delete", "/v2b", "Take tunnel endpoints away.", v2bEntry, ({ prefix, endpoints }) => {
    sled.clearV2b(prefix, endpoints);
  });
  changes("put", "/m2p", "Map a group.", m2pEntry, ({ group, underlay }) => {
    sled.setM2p(group, underlay);
  });
  changes("delete", "/m2p", "Map it no longer.", m2pEntry.pick({ group: true }), ({ group }) => {
    sled.clearM2p(group);
  });
  changes("put", "/multicast-forwarding", "Add a next hop of a group.", forwardingEntry, (entry) => {
    sled.setForwarding(entry.underlay, entry, entry.nextHop, entry.filter);
  });
  changes(
    "delete",
    "/multicast-forwarding",
    "Forward a group no longer.",
    forwardingEntry.pick({ underlay: true }),
    ({ underlay }) => {
      sled.clearForwarding(underlay);
    },
  );
  changes("put", "/multicast-subscriptions", "Have a port get a group's packets.", subscription, (entry) => {
    sled.subscribe(entry.port, entry.group, entry.filter);
  });
  changes(
    "delete",
    "/multicast-subscriptions",
    "Have it get them no longer; without a port, nobody.",
    z.strictObject({ group: z.string(), port: z.string().optional() }),
    ({ group, port }) => {
      if (port === undefined) sled.unsubscribeAll(group);
      else sled.unsubscribe(port, group);
    },
  );
  changes("put", "/peerings", "Let two VPCs reach each other.", peering, ([first, second]) => {
    sled.opte.setPeering(first, second, true);
  });
  changes("delete", "/peerings", "Let them no longer.", peering, ([first, second]) => {
    sled.opte.setPeering(first, second, false);
  });
}
