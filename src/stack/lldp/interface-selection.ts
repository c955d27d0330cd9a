/** Which interfaces LLDP is spoken on: those that the configuration names, and what was changed since. */
export class InterfaceSelection {
  readonly #patterns: readonly string[];
  readonly #changed = new Map<string, boolean>();

  /** `*` at the end of a pattern stands for any rest. */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
  }

  has(name: string): boolean {
    return this.#changed.get(name) ?? this.#patterns.some((pattern) => matches(pattern, name));
  }

  /** From now on, whatever the configuration says. */
  set(name: string, isSelected: boolean): void {
    this.#changed.set(name, isSelected);
  }
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** The interface that people mean: `qsfp0/0`, a link of a switch, is `tfportqsfp0_0`; any other name is itself. */
export function interfaceNameOf(text: string): string {
  const [, port, link] = /^((?:rear|qsfp|int)\d+)\/(\d+)$/.exec(text) ?? [];
  return port === undefined || link === undefined ? text : `tfport${port}_${link}`;
}
