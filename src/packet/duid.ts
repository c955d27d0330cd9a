import { type Body, copied, header, rest, sequence } from "./body.ts";
import { bits, bytesField, macField } from "./field.ts";
import { decodeVariant, variant, variants } from "./variant.ts";

/** Who a DHCPv6 client or server is, over all its interfaces and restarts (RFC 8415 section 11, RFC 6355). */
export type Duid =
  /** A MAC address and when it was taken, in seconds since 2000 modulo 2^32. `hardwareType` 1 is Ethernet. */
  | { readonly duid: "link-layer-time"; readonly hardwareType: number; readonly time: number; readonly mac: string }
  | { readonly duid: "enterprise"; readonly enterprise: number; readonly identifier: Uint8Array }
  | { readonly duid: "link-layer"; readonly hardwareType: number; readonly mac: string }
  | { readonly duid: "uuid"; readonly uuid: Uint8Array }
  | { readonly duid: "unknown"; readonly type: number; readonly data: Uint8Array };

const known = variants({
  "link-layer-time": variant(
    1,
    header<{ hardwareType: number; time: number; mac: string }>({
      hardwareType: bits(16),
      time: bits(32),
      mac: macField(),
    }),
  ),
  enterprise: variant(2, sequence(header<{ enterprise: number }>({ enterprise: bits(32) }), rest("identifier"))),
  "link-layer": variant(3, header<{ hardwareType: number; mac: string }>({ hardwareType: bits(16), mac: macField() })),
  uuid: variant(4, header<{ uuid: Uint8Array }>({ uuid: bytesField(16) })),
});

const begin = header<{ type: number }>({ type: bits(16) });

/** A DUID that takes all the bytes there are, known as `duid`. */
export const duidBody: Body<{ readonly duid: Duid }> = {
  decode(bytes) {
    const start = begin.decode(bytes);
    if (start === undefined) return undefined;
    const { type } = start.values;
    const data = bytes.subarray(begin.size);
    const decoded = decodeVariant(known, type, data);
    const duid =
      decoded?.length === data.length
        ? ({ duid: decoded.name, ...decoded.values } as Duid)
        : ({ duid: "unknown", type, data: copied(data) } as const);
    return { values: { duid }, length: bytes.length };
  },
  encode({ duid }) {
    if (duid.duid === "unknown") return Buffer.concat([begin.encode(duid), duid.data]);
    const found = known.byName.get(duid.duid);
    return Buffer.concat([begin.encode({ type: found?.type ?? 0 }), found?.body.encode(duid) ?? Buffer.alloc(0)]);
  },
  faults({ duid }) {
    if (duid.duid === "unknown") return begin.faults(duid).map((fault) => `duid.${fault}`);
    const body = known.byName.get(duid.duid)?.body;
    const names = [...known.byName.keys(), "unknown"].join(", ");
    return (body?.faults(duid) ?? [`duid: expected one of ${names}, found "${duid.duid}"`]).map(
      (fault) => `duid.${fault}`,
    );
  },
};

/** A DUID in a few words: its MAC address if it has one. */
export function formatDuid(duid: Duid): string {
  switch (duid.duid) {
    case "link-layer-time":
    case "link-layer":
      return duid.mac;
    case "enterprise":
      return `${duid.enterprise}:${Buffer.from(duid.identifier).toString("hex")}`;
    case "uuid":
      return Buffer.from(duid.uuid).toString("hex");
    case "unknown":
      return Buffer.from(duid.data).toString("hex");
  }
}
