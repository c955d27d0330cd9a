import { blockOf, blockOfRange, contains, overlaps } from "../engine/ip-block.ts";
import type { AddressLotBlockRow, AddressLotRow } from "../engine/fabric-rows.ts";
import type { Store } from "../store/store.ts";
import { isId, requireFreeName, topLevel } from "./lookup.ts";
import { invalid } from "./refusals.ts";

/** A lot with its blocks. */
export interface AddressLot {
  readonly lot: AddressLotRow;
  readonly blocks: readonly AddressLotBlockRow[];
}

interface Block {
  readonly first_address: string;
  readonly last_address: string;
}

/** Make a lot. @throws ApiError (400) for a block that is none, or that overlaps one of a lot */
export function createAddressLot(
  store: Store,
  {
    kind,
    blocks,
    ...naming
  }: Pick<AddressLotRow, "name" | "description" | "kind"> & { readonly blocks: readonly Block[] },
): AddressLot {
  const { addressLots, addressLotBlocks } = store.tables;
  requireFreeName(addressLots, "address-lot", { name: naming.name });
  const lot = addressLots.insert({ ...store.newIdentity(naming), kind });
  const rows = blocks.map((block, at) => {
    const field = `blocks.${at}`;
    const { first_address: first, last_address: last } = block;
    const own = blockOfRange({ first, last });
    if (first.includes(":") !== last.includes(":")) throw invalid(`${field}.last_address`, "is of another family");
    if (own.first > own.last) throw invalid(`${field}.last_address`, `${last} comes before ${first}`);
    const other = addressLotBlocks.list().find((row) => overlaps(rangeOf(row), own));
    if (other !== undefined) {
      throw invalid(`${field}.first_address`, `overlaps ${other.first_address} to ${other.last_address} of a lot`);
    }
    return addressLotBlocks.insert({ id: store.newId(), address_lot_id: lot.id, ...block });
  });
  return { lot, blocks: rows };
}

/** @throws ApiError (400) while an address of it is in use */
export function deleteAddressLot({ tables }: Store, { id, name }: AddressLotRow): void {
  const blocks = tables.addressLotBlocks.list({ address_lot_id: id }).map((block) => block.id);
  const users = [
    ["loopback address", tables.loopbackAddresses.count({ address_lot_block_id: blocks })],
    ["BGP announcement", tables.announcements.count({ address_lot_block_id: blocks })],
    [
      "switch port address",
      tables.portSettings
        .list()
        .flatMap(({ settings }) => settings.addresses)
        .filter(({ address_lot_id }) => address_lot_id === id).length,
    ],
  ] as const;
  const user = users.find(([, count]) => count > 0);
  if (user !== undefined) throw invalid("address_lot", `"${name}" is in use by ${user[1]} ${user[0]}(es)`);
  tables.addressLots.delete({ id });
}

/** The block of a lot that has an address or prefix. @throws ApiError that names `field` */
export function blockFor(
  store: Store,
  lotSelector: string,
  wanted: string,
  lotField: string,
  field: string,
): AddressLotBlockRow {
  const { addressLots, addressLotBlocks } = store.tables;
  // An announcement may name the block itself.
  const direct = isId(lotSelector) ? addressLotBlocks.find({ id: lotSelector.toLowerCase() }) : undefined;
  const candidates =
    direct === undefined
      ? addressLotBlocks.list({ address_lot_id: topLevel(addressLots, "address-lot", lotField, lotSelector).id })
      : [direct];
  const block = blockOf(wanted);
  const found = candidates.find((row) => contains(rangeOf(row), block));
  if (found === undefined) throw invalid(field, `${wanted} is not in address lot "${lotSelector}"`);
  return found;
}

function rangeOf({ first_address: first, last_address: last }: AddressLotBlockRow): ReturnType<typeof blockOfRange> {
  return blockOfRange({ first, last });
}
