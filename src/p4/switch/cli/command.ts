import type { ThriftClient } from "../thrift/client.ts";
import type { Catalogue, CatalogueKind } from "./catalogue.ts";
import type { Words } from "./words.ts";

/** What commands work on. */
export interface CliContext {
  readonly client: ThriftClient;
  readonly catalogue: Catalogue;
  /** The text of the program's JSON, as the switch gave it. */
  readonly config: string;
  /** The program has changed: read it anew. */
  readonly reload: () => Promise<void>;
}

/** What a command says. */
export interface Reply {
  /** Lines as simple_switch_CLI prints them; empty for nothing. */
  readonly text: string;
  /** The same for programs; absent where success is all there is to say. */
  readonly value?: unknown;
}

/** What a word of a command can be completed to. `tableAction` is an action of the table named before. */
export type Completion = CatalogueKind | "tableAction" | "file" | "command";

/** A command of the runtime CLI. */
export interface CliCommand {
  /** What stands behind its name. */
  readonly usage: string;
  readonly summary: string;
  readonly completes?: readonly Completion[];
  run(words: Words, context: CliContext): Reply | Promise<Reply>;
}

export type Commands = Readonly<Record<string, CliCommand>>;

/** First argument of most methods. */
export const cxt = 0;

export const done: Reply = { text: "" };
