/** Why a change of the intent cannot be: an argument is wrong, something is missing, exists already, is full or busy. */
export type RefusalReason = "invalid" | "missing" | "exists" | "full" | "busy";

/** A change that is refused; nothing of it has happened. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.name = "Refusal";
    this.reason = reason;
  }
}
