/**
 * Why operations on the switch's tables were not done: the switch refused one, a fault was injected, or what had been done
 * already could not be taken back.
 */
export type SwitchFaultKind = "refused" | "full" | "injected" | "rollback";

/** Operations that were not done; apart from `rollback`, the switch is as before. */
export class SwitchFault extends Error {
  readonly kind: SwitchFaultKind;

  constructor(kind: SwitchFaultKind, message: string) {
    super(message);
    this.name = "SwitchFault";
    this.kind = kind;
  }
}
