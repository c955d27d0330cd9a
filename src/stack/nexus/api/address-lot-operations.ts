import { z } from "@hono/zod-openapi";
import type { LoopbackAddressRow } from "../engine/fabric-rows.ts";
import { bitsOf, familyOf } from "../engine/ip-block.ts";
import { type AddressLot, blockFor, createAddressLot, deleteAddressLot } from "../resources/address-lots.ts";
import { topLevel } from "../resources/lookup.ts";
import { alreadyExists, invalid, notFound } from "../resources/refusals.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageById, pageByName, pageOf, pageRows } from "./paging.ts";
import { id, identity, identityCreate, ip, nameOrId, switchSlot, wholeNumber } from "./values.ts";

const kind = z.enum(["infra", "pool"]);
const lot = z.object({ ...identity, kind }).openapi("AddressLot");
const block = z
  .object({ id: z.string(), first_address: z.string(), last_address: z.string() })
  .openapi("AddressLotBlock");
const lotWithBlocks = z.object({ lot, blocks: z.array(block) });
const loopback = z
  .object({
    id: z.string(),
    rack_id: z.string(),
    switch_slot: switchSlot,
    address: z.string(),
    address_lot_block_id: z.string(),
  })
  .openapi("LoopbackAddress");

/** Operations on address lots. */
export const addressLotOperations: Operations = (api, context) => {
  const { store } = context;
  const { addressLots, addressLotBlocks } = store.tables;
  const path = "/v1/system/networking/address-lot";
  const params = z.strictObject({ address_lot: nameOrId });
  const find = (value: string) => topLevel(addressLots, "address-lot", "address_lot", value);
  const show = ({ lot: row, blocks }: AddressLot): z.input<typeof lotWithBlocks> => ({
    lot: view(lot, row),
    blocks: blocks.map((each) => view(block, each)),
  });
  operation(
    api,
    context,
    {
      id: "networking_address_lot_list",
      method: "get",
      path,
      summary: "List address lots",
      query: z.strictObject(pageByName),
      answer: pageOf(lot),
    },
    ({ query }) => pageRows(addressLots, {}, query, (row) => view(lot, row)),
  );
  operation(
    api,
    context,
    {
      id: "networking_address_lot_create",
      method: "post",
      path,
      summary: "Create address lot",
      body: z.strictObject({
        ...identityCreate,
        kind,
        blocks: z.array(z.strictObject({ first_address: ip, last_address: ip })).max(256),
      }),
      answer: lotWithBlocks,
      status: 201,
    },
    ({ body }) => show(createAddressLot(store, body)),
  );
  operation(
    api,
    context,
    {
      id: "networking_address_lot_view",
      method: "get",
      path: `${path}/{address_lot}`,
      summary: "Fetch address lot",
      params,
      answer: lotWithBlocks,
    },
    ({ params: { address_lot: value } }) => {
      const row = find(value);
      return show({ lot: row, blocks: addressLotBlocks.list({ address_lot_id: row.id }) });
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_address_lot_delete",
      method: "delete",
      path: `${path}/{address_lot}`,
      summary: "Delete address lot",
      params,
    },
    ({ params: { address_lot: value } }) => {
      deleteAddressLot(store, find(value));
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_address_lot_block_list",
      method: "get",
      path: `${path}/{address_lot}/blocks`,
      summary: "List blocks in address lot",
      params,
      query: z.strictObject(pageById),
      answer: pageOf(block),
    },
    ({ params: { address_lot: value }, query }) => {
      const where = { address_lot_id: find(value).id };
      return pageRows(addressLotBlocks, where, query, (row) => view(block, row), "id_ascending");
    },
  );
};

/** Operations on the addresses of switches themselves. */
export const loopbackOperations: Operations = (api, context) => {
  const { store } = context;
  const { loopbackAddresses, racks } = store.tables;
  const path = "/v1/system/networking/loopback-address";
  const show = (row: LoopbackAddressRow): z.input<typeof loopback> => view(loopback, row);
  operation(
    api,
    context,
    {
      id: "networking_loopback_address_list",
      method: "get",
      path,
      summary: "List loopback addresses",
      query: z.strictObject(pageById),
      answer: pageOf(loopback),
    },
    ({ query }) => pageRows(loopbackAddresses, {}, query, show, "id_ascending"),
  );
  operation(
    api,
    context,
    {
      id: "networking_loopback_address_create",
      method: "post",
      path,
      summary: "Create loopback address",
      body: z.strictObject({
        address: ip,
        address_lot: nameOrId,
        anycast: z.boolean(),
        mask: z.int().min(0).max(128),
        rack_id: id,
        switch_slot: switchSlot,
      }),
      answer: loopback,
      status: 201,
    },
    ({ body: { address, address_lot, anycast, mask, rack_id, switch_slot } }) => {
      if (mask > bitsOf(familyOf(address))) throw invalid("mask", `expected at most ${bitsOf(familyOf(address))}`);
      topLevel(racks, "rack", "rack_id", rack_id);
      const { id: blockId } = blockFor(store, address_lot, address, "address_lot", "address");
      const own = { rack_id, switch_slot, address: `${address}/${mask}` };
      const holders = loopbackAddresses.list().filter((row) => row.address.split("/")[0] === address);
      if (holders.some((row) => row.rack_id === rack_id && row.switch_slot === switch_slot)) {
        throw alreadyExists("loopback-address", address, "address");
      }
      if (holders.some((row) => !row.anycast || !anycast)) {
        throw invalid("anycast", `${address} is at another switch: both must be anycast`);
      }
      return show(loopbackAddresses.insert({ id: store.newId(), ...own, address_lot_block_id: blockId, anycast }));
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_loopback_address_delete",
      method: "delete",
      path: `${path}/{rack_id}/{switch_slot}/{address}/{subnet_mask}`,
      summary: "Delete loopback address",
      params: z.strictObject({ rack_id: id, switch_slot: switchSlot, address: ip, subnet_mask: wholeNumber(0, 128) }),
    },
    ({ params: { rack_id, switch_slot, address, subnet_mask } }) => {
      const where = { rack_id, switch_slot, address: `${address}/${subnet_mask}` };
      if (loopbackAddresses.delete(where) === 0) throw notFound("loopback-address", "address", where.address);
    },
  );
};
