/** JavaScript as it is written: lines and fresh names. */
export class Code {
  #lines: string[] = [];
  #names = 0;

  line(text: string): void {
    this.#lines.push(text);
  }

  /** A constant with the value of an expression; returns its name. */
  temp(expression: string): string {
    const name = this.name();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** A name not used before. */
  name(): string {
    this.#names += 1;
    return `t${this.#names}`;
  }

  /** Lines between braces. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    body();
    this.line("}");
  }

  /** What `write` writes, taken out again. */
  captured<T>(write: () => T): { readonly result: T; readonly lines: readonly string[] } {
    const outer = this.#lines;
    this.#lines = [];
    try {
      return { result: write(), lines: this.#lines };
    } finally {
      this.#lines = outer;
    }
  }

  append(lines: readonly string[]): void {
    for (const line of lines) this.line(line);
  }

  toString(): string {
    return this.#lines.join("\n");
  }
}
