import { type Bgp, type BgpMessage, bgpMessages } from "./bgp-message.ts";
import { bgpText } from "./bgp-text.ts";
import { copied, header } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits } from "./field.ts";
import { decodeVariant } from "./variant.ts";

/** The TCP port of BGP. */
export const bgpPort = 179;

/** A BGP message. */
export function bgp(fields: BgpMessage): Bgp {
  return { layer: "bgp", ...fields };
}

const marker = Buffer.alloc(16, 0xff);
const begin = header<{ length: number; type: number }>({ length: bits(16), type: bits(8) });
const headerLength = marker.length + begin.size;

/** Reads and writes BGP messages. */
export const bgpCodec: Codec<Bgp> = {
  layer: "bgp",
  title: "BGP",
  carriedBy: [{ tcpPort: bgpPort }, { tcpSourcePort: bgpPort }],
  decode(bytes) {
    const start = begin.decode(bytes.subarray(marker.length));
    if (start === undefined || !bytes.subarray(0, marker.length).equals(marker)) return "no message begins here";
    const { length, type } = start.values;
    if (length < headerLength || length > bytes.length) return `expected ${length} bytes, found ${bytes.length}`;
    const data = bytes.subarray(headerLength, length);
    const decoded = decodeVariant(bgpMessages, type, data);
    const message =
      decoded?.length === data.length
        ? { message: decoded.name, ...decoded.values }
        : { message: "other", type, data: copied(data) };
    return {
      layer: { layer: "bgp", ...message } as Bgp,
      headerLength: length,
      next: [{ space: "tcpPort", number: bgpPort }],
    };
  },
  derive: () => ({}),
  encode(layer) {
    const { type, data } = contentOf(layer);
    return Buffer.concat([marker, begin.encode({ length: headerLength + data.length, type }), data]);
  },
  faults(layer) {
    const body = bgpMessages.byName.get(layer.message)?.body;
    if (body === undefined && layer.message !== "other") {
      return [`message: expected one of ${[...bgpMessages.byName.keys()].join(", ")}, found "${layer.message}"`];
    }
    const type = layer.message === "other" ? layer.type : 0;
    const faults = body?.faults(layer) ?? begin.faults({ length: headerLength, type });
    return faults.length > 0 ? faults : begin.faults({ length: headerLength + contentOf(layer).data.length, type });
  },
  describe: bgpText,
};

function contentOf(layer: Bgp): { type: number; data: Uint8Array } {
  if (layer.message === "other") return layer;
  const found = bgpMessages.byName.get(layer.message);
  return { type: found?.type ?? 0, data: found?.body.encode(layer) ?? Buffer.alloc(0) };
}
