/** What random programs are made of: text, with a function that does the same. */

/** Variables that are in reach, all of type bit<8>. */
export type Variables = Map<string, { value: number }>;

export type Leave = "exit" | "return" | "break" | "continue";

export interface Piece {
  readonly text: string;
  /** Does what the text says; tells when what follows is not reached. */
  readonly run: (variables: Variables) => Leave | undefined;
}

export interface Expression {
  readonly text: string;
  readonly value: (variables: Variables) => number;
}

/** What statements may contain where they are. */
export interface Place {
  readonly names: readonly string[];
  readonly depth: number;
  readonly loop: boolean;
  readonly exit: boolean;
  /** Things that are declared and can be called from there. */
  readonly functions: readonly Callable[];
  readonly actions: readonly Callable[];
  readonly tables: TableUse[];
  readonly controls: Callable[];
}

export interface Callable {
  readonly name: string;
  readonly text: string;
  /** Returns what it returns, after it has changed its inout argument. */
  readonly call: (
    variables: Variables,
    given: number,
    changed: { value: number },
  ) => { result: number; left: Leave | undefined };
}

export interface TableUse {
  readonly name: string;
  readonly text: string;
  readonly actions: readonly string[];
  readonly apply: (variables: Variables) => { hit: boolean; action: string; left: Leave | undefined };
}
