import type { SwitchControl } from "../control/switch-control.ts";
import { type Method, method } from "./method.ts";
import { multicastSignatures as signatures } from "./signatures.ts";

/** Longest port map that counts, characters. */
const mapLength = 512;

/** The service `simple_pre_lag`, by method name. */
export function multicastService({ multicast }: SwitchControl): ReadonlyMap<string, Method> {
  const methods: Record<string, Method> = {
    bm_mc_mgrp_create: method(signatures.bm_mc_mgrp_create, ({ group }) => multicast.createGroup(group)),
    bm_mc_mgrp_destroy: method(signatures.bm_mc_mgrp_destroy, ({ group }) => {
      multicast.destroyGroup(group);
      return undefined;
    }),
    bm_mc_node_create: method(signatures.bm_mc_node_create, ({ rid, ports, lags }) =>
      multicast.createNode(rid, numbersOf(ports), numbersOf(lags)),
    ),
    bm_mc_node_update: method(signatures.bm_mc_node_update, ({ node, ports, lags }) => {
      multicast.updateNode(node, numbersOf(ports), numbersOf(lags));
      return undefined;
    }),
    bm_mc_node_destroy: method(signatures.bm_mc_node_destroy, ({ node }) => {
      multicast.destroyNode(node);
      return undefined;
    }),
    bm_mc_node_associate: method(signatures.bm_mc_node_associate, ({ group, node }) => {
      multicast.associate(group, node);
      return undefined;
    }),
    bm_mc_node_dissociate: method(signatures.bm_mc_node_dissociate, ({ group, node }) => {
      multicast.dissociate(group, node);
      return undefined;
    }),
    bm_mc_set_lag_membership: method(signatures.bm_mc_set_lag_membership, ({ lag, ports }) => {
      multicast.setLag(lag, numbersOf(ports));
      return undefined;
    }),
    bm_mc_get_entries: method(signatures.bm_mc_get_entries, () => {
      const nodes = multicast.nodes();
      return JSON.stringify(
        {
          mgrps: multicast.groups().map(([id, l1_handles]) => ({ id, l1_handles })),
          l1_handles: nodes.map(({ handle, rid }) => ({ handle, rid, l2_handle: handle })),
          l2_handles: nodes.map(({ handle, ports, lags }) => ({ handle, ports, lags })),
          lags: multicast.lags().map(([id, ports]) => ({ id, ports })),
        },
        undefined,
        "\t",
      );
    }),
  };
  return new Map(Object.entries(methods));
}

/** Positions of the ones in a binary number, the rightmost being 0. */
function numbersOf(map: string): readonly number[] {
  const counted = map.slice(0, mapLength);
  if (!/^[01]*$/.test(counted)) throw new Error("a port map has characters other than 0 and 1");
  return Array.from(counted)
    .reverse()
    .flatMap((bit, at) => (bit === "1" ? [at] : []));
}
