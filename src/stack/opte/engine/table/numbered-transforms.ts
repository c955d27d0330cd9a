import { identityTransform, type Transform } from "../layer/transform.ts";

/** Transforms by small numbers, each as long as somebody uses it. */
export class NumberedTransforms {
  readonly #transforms: (Transform | undefined)[] = [];
  readonly #users: number[] = [];
  readonly #numbers = new Map<Transform, number>();
  readonly #free: number[] = [];
  /** What was asked for last: new flows that go the same way come in a row. */
  #last: Transform | undefined = undefined;
  #lastNumber = -1;

  /** The number of a transform, which stays its own until it was released as often as it was used. */
  use(transform: Transform): number {
    const number = transform === this.#last ? this.#lastNumber : this.#find(transform);
    this.#users[number] = (this.#users[number] ?? 0) + 1;
    return number;
  }

  #find(transform: Transform): number {
    let number = this.#numbers.get(transform);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#transforms.length;
      this.#numbers.set(transform, number);
      this.#transforms[number] = transform;
      this.#users[number] = 0;
    }
    this.#last = transform;
    this.#lastNumber = number;
    return number;
  }

  get(number: number): Transform {
    return this.#transforms[number] ?? identityTransform;
  }

  release(number: number): void {
    const users = (this.#users[number] ?? 0) - 1;
    this.#users[number] = users;
    if (users > 0) return;
    const transform = this.#transforms[number];
    if (transform === undefined) return;
    this.#numbers.delete(transform);
    this.#transforms[number] = undefined;
    this.#free.push(number);
    if (this.#last === transform) this.#last = undefined;
  }

  /** Transforms in use. */
  get size(): number {
    return this.#numbers.size;
  }
}
