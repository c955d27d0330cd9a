/**
 * What one direction of a wire does to frames, fully resolved. Every field can be changed at run time without touching
 * the others; random decisions are drawn per (wire, direction, impairment) so the other impairments' draws stay as they were.
 */
export interface DirectionSettings {
  /** Silence: frames are counted as sent by the near end and go nowhere; the carrier stays. */
  readonly cut: boolean;
  /** Bytes of frames that may wait in this direction before the tail is dropped (and counted). */
  readonly queueBytes: number;
  /** Constant latency, microseconds. */
  readonly delayMicroseconds: number;
  /** Uniformly distributed extra latency in [0, jitter], microseconds; order is kept unless `reorder` says otherwise. */
  readonly jitterMicroseconds: number;
  /** Probability in [0, 1] that a frame is lost. */
  readonly loss: number;
  /** Probability in [0, 1] that a frame is delivered twice. */
  readonly duplicate: number;
  /** Probability in [0, 1] that a frame overtakes those delayed before it. */
  readonly reorder: number;
  /** Probability in [0, 1] that one bit of a frame is flipped. */
  readonly corrupt: number;
  /** Serialisation rate, bits per second; `null` is unlimited. */
  readonly rateBitsPerSecond: number | null;
  /** Largest frame that passes, bytes of Ethernet payload (L2 header not counted); `null` is unlimited. */
  readonly mtuBytes: number | null;
}

/** A clean direction: nothing is added, a megabyte may wait. */
export const cleanDirection: DirectionSettings = {
  cut: false,
  queueBytes: 1_048_576,
  delayMicroseconds: 0,
  jitterMicroseconds: 0,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  corrupt: 0,
  rateBitsPerSecond: null,
  mtuBytes: null,
};
