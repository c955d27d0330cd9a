import { type Body, header, rest, sequence } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, flag, spare } from "./field.ts";
import { type Ipv6Option, ipv6Options } from "./ipv6-option.ts";
import { optionList } from "./option-list.ts";

/** Options for every node on the path (RFC 8200 section 4.3). */
export interface HopByHop {
  readonly layer: "hop-by-hop";
  /** Left out: that of the next layer. */
  readonly nextHeader?: number;
  readonly options: readonly Ipv6Option[];
}

/** Options for the destination (RFC 8200 section 4.6). */
export interface DestinationOptions {
  readonly layer: "destination-options";
  /** Left out: that of the next layer. */
  readonly nextHeader?: number;
  readonly options: readonly Ipv6Option[];
}

/** A routing header (RFC 8200 section 4.4) of any type. */
export interface Routing {
  readonly layer: "routing";
  /** Left out: that of the next layer. */
  readonly nextHeader?: number;
  readonly routingType: number;
  readonly segmentsLeft: number;
  /** What the type says, 4 bytes and any multiple of 8 more. */
  readonly data: Uint8Array;
}

/** A fragment header (RFC 8200 section 4.5). */
export interface Fragment {
  readonly layer: "fragment";
  /** Left out: that of the next layer. */
  readonly nextHeader?: number;
  readonly reserved?: number;
  /** In units of 8 bytes. */
  readonly fragmentOffset: number;
  readonly reservedBits?: number;
  readonly moreFragments: boolean;
  readonly identification: number;
}

/** An extension header that is known only to be one: mobility, HIP, shim6 (RFC 6564). The carrier tells its number. */
export interface Extension {
  readonly layer: "extension";
  /** Left out: that of the next layer. */
  readonly nextHeader?: number;
  /** 6 bytes and any multiple of 8 more. */
  readonly data: Uint8Array;
}

/** A hop-by-hop options header. */
export function hopByHop(fields: Partial<HopByHop> = {}): HopByHop {
  return { options: [], ...fields, layer: "hop-by-hop" };
}

/** A destination options header. */
export function destinationOptions(fields: Partial<DestinationOptions> = {}): DestinationOptions {
  return { options: [], ...fields, layer: "destination-options" };
}

/** A routing header. */
export function routing(fields: Omit<Routing, "layer">): Routing {
  return { layer: "routing", ...fields };
}

/** A fragment header; a whole packet in one fragment unless said. */
export function fragment(fields: Partial<Fragment> & Pick<Fragment, "identification">): Fragment {
  return { fragmentOffset: 0, moreFragments: false, ...fields, layer: "fragment" };
}

/** An extension header that is not known here, by its data. */
export function extension(fields: Omit<Extension, "layer">): Extension {
  return { layer: "extension", ...fields };
}

interface Begin {
  readonly nextHeader?: number;
  /** In units of 8 bytes, the first not counted. */
  readonly extensionLength: number;
}

type ExtensionLayer = HopByHop | DestinationOptions | Routing | Extension;

const begin = header<Begin>({ nextHeader: bits(8), extensionLength: bits(8) });

const routingBody = sequence(
  header<Pick<Routing, "routingType" | "segmentsLeft">>({ routingType: bits(8), segmentsLeft: bits(8) }),
  rest("data"),
);

const optionsBody = optionList(ipv6Options);

/** Every extension header but the fragment header tells its length in the same way. */
function extensionCodec<L extends ExtensionLayer>(
  codec: Pick<Codec<L>, "layer" | "title" | "carriedBy" | "describe">,
  body: Body<Omit<L, "layer" | "nextHeader">>,
): Codec<L> {
  return {
    ...codec,
    decode(bytes) {
      const start = begin.decode(bytes);
      if (start === undefined) return `expected at least 8 bytes, found ${bytes.length}`;
      const { nextHeader = 0, extensionLength } = start.values;
      const headerLength = (extensionLength + 1) * 8;
      if (headerLength > bytes.length) return `expected ${headerLength} bytes, found ${bytes.length}`;
      const decoded = body.decode(bytes.subarray(begin.size, headerLength));
      if (decoded === undefined) return "not understood";
      return {
        layer: { layer: codec.layer, nextHeader, ...decoded.values } as unknown as L,
        headerLength,
        next: [{ space: "ipProtocol", number: nextHeader }],
      };
    },
    derive: (_layer, { nextNumber }) => ({ nextHeader: nextNumber("ipProtocol") }) as unknown as Partial<L>,
    encode(layer) {
      const bytes = body.encode(layer);
      const extensionLength = Math.ceil((begin.size + bytes.length) / 8) - 1;
      return Buffer.concat([begin.encode({ ...layer, extensionLength }), bytes], (extensionLength + 1) * 8);
    },
    faults(layer) {
      const faults = [...begin.faults({ ...layer, extensionLength: 0 }), ...body.faults(layer)];
      if (faults.length > 0) return faults;
      const length = begin.size + body.encode(layer).length;
      return length % 8 === 0 && length <= 2048 ? [] : [`length: expected 8, 16, … 2048 bytes, found ${length}`];
    },
  };
}

/** Reads and writes hop-by-hop options headers. */
export const hopByHopCodec: Codec<HopByHop> = extensionCodec<HopByHop>(
  {
    layer: "hop-by-hop",
    title: "IPv6 hop-by-hop options",
    carriedBy: [{ ipProtocol: 0 }],
    describe: ({ options }) => `hop-by-hop${optionNames(options)}`,
  },
  optionsBody,
);

/** Reads and writes destination options headers. */
export const destinationOptionsCodec: Codec<DestinationOptions> = extensionCodec<DestinationOptions>(
  {
    layer: "destination-options",
    title: "IPv6 destination options",
    carriedBy: [{ ipProtocol: 60 }],
    describe: ({ options }) => `destination options${optionNames(options)}`,
  },
  optionsBody,
);

/** Reads and writes routing headers. */
export const routingCodec: Codec<Routing> = extensionCodec<Routing>(
  {
    layer: "routing",
    title: "IPv6 routing header",
    carriedBy: [{ ipProtocol: 43 }],
    describe: ({ routingType, segmentsLeft }) => `routing type ${routingType} segments left ${segmentsLeft}`,
  },
  routingBody,
);

/** Reads and writes extension headers that are not known further. */
export const genericExtensionCodec: Codec<Extension> = extensionCodec<Extension>(
  {
    layer: "extension",
    title: "IPv6 extension header",
    carriedBy: [{ ipProtocol: 135 }, { ipProtocol: 139 }, { ipProtocol: 140 }],
    describe: ({ data }) => `extension header of ${data.length + 2} bytes`,
  },
  rest("data"),
);

const fragmentHeader = header<Omit<Fragment, "layer">>({
  nextHeader: bits(8),
  reserved: spare(8),
  fragmentOffset: bits(13),
  reservedBits: spare(2),
  moreFragments: flag(),
  identification: bits(32),
});

/** Reads and writes fragment headers. */
export const fragmentCodec: Codec<Fragment> = {
  layer: "fragment",
  title: "IPv6 fragment header",
  carriedBy: [{ ipProtocol: 44 }],
  decode(bytes) {
    const decoded = fragmentHeader.decode(bytes);
    if (decoded === undefined) return `expected ${fragmentHeader.size} bytes, found ${bytes.length}`;
    const { values } = decoded;
    return {
      layer: { layer: "fragment", ...values },
      headerLength: fragmentHeader.size,
      // Only the first fragment begins with a header of the next layer.
      next: values.fragmentOffset === 0 ? [{ space: "ipProtocol", number: values.nextHeader ?? 0 }] : undefined,
    };
  },
  derive: (_layer, { nextNumber }) => ({ nextHeader: nextNumber("ipProtocol") }),
  encode: fragmentHeader.encode,
  faults: fragmentHeader.faults,
  describe: ({ fragmentOffset, moreFragments, identification }) =>
    `fragment ${identification} at ${fragmentOffset * 8}${moreFragments ? ", more" : ", last"}`,
};

function optionNames(options: readonly Ipv6Option[]): string {
  return options.length === 0 ? "" : ` (${options.map(({ option }) => option).join(", ")})`;
}
