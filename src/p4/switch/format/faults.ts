import { P4Error } from "../../p4-error.ts";

/** A BMv2 JSON file that cannot be loaded, with everything that is wrong with it. */
export class ProgramError extends P4Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[], subject?: string) {
    super({
      kind: "input",
      step: "load P4 program",
      subject,
      found: faults.length === 1 ? (faults[0] ?? "") : ["", ...faults].join("\n  "),
    });
    this.name = "ProgramError";
    this.faults = faults;
  }
}

/** One thing that is wrong, thrown to leave the object it was found in. */
export class Fault extends Error {}

/** Collects faults, so that one bad object does not hide the next. */
export class FaultList {
  readonly faults: string[] = [];

  add(fault: string): void {
    this.faults.push(fault);
  }

  /** Run `work`; a {@link Fault} it throws is collected, with where it happened, and undefined returned. */
  attempt<T>(where: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.add(`${where}: ${error.message}`);
      return undefined;
    }
  }
}

/** Objects of one kind by name; a name that is not there, or is there twice, is a fault. */
export class NameTable<T> {
  readonly #kind: string;
  readonly #items = new Map<string, T>();

  constructor(kind: string) {
    this.#kind = kind;
  }

  add(name: string, item: T): void {
    if (this.#items.has(name)) throw new Fault(`Duplicate ${this.#kind} name '${name}'`);
    this.#items.set(name, item);
  }

  find(name: string): T | undefined {
    return this.#items.get(name);
  }

  get(name: unknown): T {
    const item = typeof name === "string" ? this.#items.get(name) : undefined;
    if (item === undefined) throw new Fault(`Invalid reference to ${this.#kind} '${String(name)}'`);
    return item;
  }
}
