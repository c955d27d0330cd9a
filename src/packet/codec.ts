import type { Layer, ProtocolName } from "./layers.ts";

/** A numbering that a lower layer tells by what it carries; a port without more is that of the destination. */
export type Space = "etherType" | "ipProtocol" | "udpPort" | "udpSourcePort" | "tcpPort" | "tcpSourcePort";

/** A number under which a protocol is carried. */
export type Carrier = Readonly<Partial<Record<Space, number>>>;

/** What a layer says about the next one. */
export interface Next {
  readonly space: Space;
  readonly number: number;
}

/** A layer read from the begin of some bytes. */
export interface Decoded<L> {
  /** With all fields, also those that could be derived. */
  readonly layer: L;
  /** Bytes of the header, options included. */
  readonly headerLength: number;
  /** Where the layer says that it ends, in bytes from its begin; absent if it takes all there are. */
  readonly end?: number | undefined;
  /** By what the next layer may be known, best first; absent if nothing but payload can follow. */
  readonly next?: readonly Next[] | undefined;
}

/** What a layer is surrounded by while its left out fields are worked out. */
export interface Surroundings {
  readonly layers: readonly Layer[];
  /** The layer's place in `layers`. */
  readonly index: number;
  /** The finished bytes that the layer carries. */
  readonly body: Buffer;
  /** The number in `space` of what follows the layer. */
  readonly nextNumber: (space: Space) => number;
}

/**
 * How a protocol is read and written. A protocol is added by writing one, naming its layer in `layers.ts` and listing it
 * in `codecs.ts`.
 */
export interface Codec<L extends { readonly layer: ProtocolName }> {
  readonly layer: L["layer"];
  /** As people write the protocol. */
  readonly title: string;
  /** Under which numbers other layers carry it; the first of a space is the one that building puts there. */
  readonly carriedBy: readonly Carrier[];
  /** Read the layer that begins with the first of `bytes`; a string says why it cannot be. */
  readonly decode: (bytes: Buffer) => Decoded<L> | string;
  /** The fields that may be left out, as they should be. Explicit values of `layer` are to be believed. */
  readonly derive: (layer: L, surroundings: Surroundings) => Partial<L>;
  /** Header and options. Fields that are left out are zero. */
  readonly encode: (layer: L) => Buffer;
  /** Every reason why `layer` cannot be encoded, each beginning with the name of its field. */
  readonly faults: (layer: L) => readonly string[];
  /** A few words for a list of packets, without the payload. */
  readonly describe: (layer: L) => string;
}
