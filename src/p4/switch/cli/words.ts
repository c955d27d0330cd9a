import { CliError } from "./cli-error.ts";

/** The words of a command behind its name, taken one after the other. */
export class Words {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get left(): number {
    return this.#words.length - this.#at;
  }

  /** The next word, if there is one; `expected` says what it is. */
  take(expected: string): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw new CliError(`Insufficient number of args: expected ${expected}`);
    this.#at += 1;
    return word;
  }

  /** Take the next word if it is this one. */
  accept(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }

  /** All words that are left. */
  rest(): readonly string[] {
    const words = this.#words.slice(this.#at);
    this.#at = this.#words.length;
    return words;
  }

  /** A whole number in decimal, as handles, indexes and priorities are written. */
  decimal(expected: string): number {
    return decimal(this.take(expected), expected);
  }

  optionalDecimal(expected: string): number | undefined {
    return this.left === 0 ? undefined : this.decimal(expected);
  }

  /** A whole number in any base. */
  big(expected: string): bigint {
    const word = this.take(expected);
    if (!/^-?(\d+|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/i.test(word)) {
      throw new CliError(`Bad format for ${expected}: ${word}`);
    }
    return word.startsWith("-") ? -BigInt(word.slice(1)) : BigInt(word);
  }

  /** Nothing may be left. */
  end(): void {
    const word = this.#words[this.#at];
    if (word !== undefined) throw new CliError(`Too many args: ${this.rest().join(" ")}`);
  }
}

/** A whole number in decimal. */
export function decimal(word: string, expected: string): number {
  if (!/^-?\d+$/.test(word)) throw new CliError(`Bad format for ${expected}: ${word}`);
  return Number(word);
}
