/** What is done to one target happens in turn; what is done to different ones, at the same time. */
export class TargetQueues {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Do `work` when all that was asked for the target before is done, whatever came of it. */
  inTurn<Result>(target: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(target) ?? Promise.resolve();
    const result = before.then(work, work);
    this.#last.set(target, result);
    return result;
  }
}
