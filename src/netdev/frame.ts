/**
 * Takes a frame, `bytes[start, start + length)`, valid until it returns. `isUnfinished`: its sender left the checksum of TCP
 * or UDP to whoever puts it on a wire.
 */
export type FrameTaker = (bytes: Uint8Array, start: number, length: number, isUnfinished: boolean) => void;

/** Frames moved at once. */
export const batchSize = 64;

/** Longest frame, bytes: a segment of 64 KiB with its headers. */
export const longestFrame = 65_600;

/** Frames that may wait at an interface whose frames are forwarded: as many as a sender's window of TCP. */
export const forwardedFramesWaiting = 1024;
