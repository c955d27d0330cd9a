/** What a receiver reports. */
export interface Reception {
  readonly bytes: number;
  /** From the first byte to the last, nanoseconds. */
  readonly nanoseconds: number;
}
