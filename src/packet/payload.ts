import type { ProtocolName } from "./layers.ts";

/** Bytes that no protocol here claims. */
export interface Payload {
  readonly layer: "payload";
  readonly data: Uint8Array;
}

/** What is left of a packet where a protocol should begin and does not, or is cut off. */
export interface Malformed {
  readonly layer: "malformed";
  /** The protocol that the layer before announced. */
  readonly expected: ProtocolName;
  /** "expected at least 20 bytes, found 7" */
  readonly reason: string;
  readonly data: Uint8Array;
}

/** Bytes at the end of a frame that a length before them does not count, as the filling of short Ethernet frames. */
export interface Padding {
  readonly layer: "padding";
  readonly data: Uint8Array;
  /** Index of the layer that does not count the bytes. Left out: the first that is not of the link. */
  readonly outside?: number;
}

/** Bytes to carry: as they are, or a text in UTF-8. */
export function payload(content: Uint8Array | string): Payload {
  const data = typeof content === "string" ? new TextEncoder().encode(content) : Uint8Array.from(content);
  return { layer: "payload", data };
}

/** Bytes at the end of the frame that the network layer does not count; a number is so many zeros. */
export function padding(content: Uint8Array | number): Padding {
  return { layer: "padding", data: typeof content === "number" ? new Uint8Array(content) : Uint8Array.from(content) };
}
