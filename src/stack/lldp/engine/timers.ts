/** Timers of IEEE 802.1AB, section 9.2.5, in seconds, but for the counts `holdMultiplier`, `fastCount` and `creditLimit`. */
export interface LldpTimers {
  /** Between two frames (msgTxInterval). */
  readonly transmitInterval: number;
  /** A frame holds for so many intervals (msgTxHold). */
  readonly holdMultiplier: number;
  /** Between two frames after a new neighbour came (msgFastTx). */
  readonly fastInterval: number;
  /** Frames at that pace (txFastInit). */
  readonly fastCount: number;
  /** Frames that may be sent at once; a second earns one (txCreditMax). */
  readonly creditLimit: number;
  /** After a shutdown, before anything is sent again (reinitDelay). */
  readonly reinitializeDelay: number;
}

/** How long what is sent holds, seconds: as lldpd of the reference has it, without the second that the standard adds. */
export function timeToLiveOf({ transmitInterval, holdMultiplier }: LldpTimers): number {
  return Math.min(0xffff, transmitInterval * holdMultiplier);
}
