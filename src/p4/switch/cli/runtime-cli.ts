import { loadProgram } from "../format/load.ts";
import { P4Error } from "../../p4-error.ts";
import { ThriftClient } from "../thrift/client.ts";
import { type Catalogue, catalogueOf, emptyCatalogue } from "./catalogue.ts";
import { CliError, describeCliFailure } from "./cli-error.ts";
import { cliCommands } from "./commands.ts";
import type { CliContext, Reply } from "./command.ts";
import { Words } from "./words.ts";

/** What came of a line. */
export interface CommandOutcome {
  readonly command: string;
  readonly failed: boolean;
  /** What simple_switch_CLI prints; empty for nothing. */
  readonly text: string;
  /** The reference's name of the error, where the switch refused the command. */
  readonly code?: string | undefined;
  /** The reply for programs; absent where success is all there is to say. */
  readonly value?: unknown;
}

/** A session with a switch: commands in, replies out. */
export class RuntimeCli implements Disposable {
  readonly #client: ThriftClient;
  #catalogue: Catalogue;
  #config: string;

  private constructor(client: ThriftClient, config: string) {
    this.#client = client;
    this.#config = config;
    this.#catalogue = read(config);
  }

  /**
   * Connect to a switch, ours or a simple_switch, and read its program.
   *
   * @throws P4Error (host) where nobody answers
   */
  static async connect(port: number, host: string): Promise<RuntimeCli> {
    let client: ThriftClient;
    try {
      client = await ThriftClient.connect(port, host);
    } catch (cause) {
      throw new P4Error(
        {
          kind: "host",
          step: "connect to the switch",
          subject: `${host}:${port}`,
          found: cause instanceof Error ? cause.message : String(cause),
          hint: "start the switch (kestrel p4 run, p4switch or simple_switch), or name its --thrift-port",
        },
        { cause },
      );
    }
    return new RuntimeCli(client, await client.call("bm_get_config", {}));
  }

  /** What the program has that commands can name. */
  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /**
   * Carry out a line; undefined for one that says nothing: empty, or behind `#`.
   *
   * @throws P4Error (host) when the switch is gone
   */
  async run(line: string): Promise<CommandOutcome | undefined> {
    const [command, ...words] = line.trim().split(/\s+/);
    if (command === undefined || command === "" || command.startsWith("#")) return undefined;
    const known = cliCommands[command];
    if (known === undefined) return { command: line.trim(), failed: true, text: `*** Unknown syntax: ${line.trim()}` };
    try {
      const { text, value }: Reply = await known.run(new Words(words), this.#context());
      return { command: line.trim(), failed: false, text, value };
    } catch (error) {
      return { command: line.trim(), failed: true, ...failureOf(error, `${command} ${known.usage}`.trim()) };
    }
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }

  #context(): CliContext {
    return {
      client: this.#client,
      catalogue: this.#catalogue,
      config: this.#config,
      reload: async () => {
        this.#config = await this.#client.call("bm_get_config", {});
        this.#catalogue = read(this.#config);
      },
    };
  }
}

function read(config: string): Catalogue {
  // What a switch says that was started without a program.
  return config.trim() === "{}" ? emptyCatalogue : catalogueOf(loadProgram(config, "program of the switch"));
}

function failureOf(error: unknown, usage: string): Pick<CommandOutcome, "text" | "code"> {
  if (error instanceof P4Error) return { text: `Error: ${error.explanation.found}` };
  const failure = describeCliFailure(error);
  if (failure !== undefined) {
    const advice =
      error instanceof CliError && /^(Insufficient|Too many)/.test(error.message) ? `\nusage: ${usage}` : "";
    return { text: `${failure.text}${advice}`, code: failure.code };
  }
  if (error instanceof TypeError || error instanceof RangeError) throw error;
  return { text: `Error: ${error instanceof Error ? error.message : String(error)}` };
}
