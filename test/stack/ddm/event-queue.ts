/** What is to happen, the earliest first; of two at one time the one that was added first. */
export class EventQueue {
  readonly #events: { readonly at: number; readonly act: () => void }[] = [];

  get first(): { readonly at: number; readonly act: () => void } | undefined {
    return this.#events[0];
  }

  add(at: number, act: () => void): void {
    const later = this.#events.findIndex((event) => event.at > at);
    this.#events.splice(later === -1 ? this.#events.length : later, 0, { at, act });
  }

  shift(): void {
    this.#events.shift();
  }
}
