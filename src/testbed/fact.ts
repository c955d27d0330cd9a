/** A fact that comes true once or never will; anybody may wait for it. */
export class Fact {
  readonly #deferred = Promise.withResolvers<undefined>();

  constructor() {
    this.#deferred.promise.catch(() => undefined);
  }

  /** Resolves when the fact holds, rejects when it never will. */
  get comes(): Promise<undefined> {
    return this.#deferred.promise;
  }

  holds(): void {
    this.#deferred.resolve(undefined);
  }

  fails(reason: Error): void {
    this.#deferred.reject(reason);
  }
}
