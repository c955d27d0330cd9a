import type { Command } from "commander";
import { z } from "zod";
import { describeError, exitCodeOf, KestrelError, serializeError } from "../../error/kestrel-error.ts";
import { textTable } from "../../text/columns.ts";
import { type ApiRequest, requestApi } from "./request.ts";

const timeoutMs = 10_000;

/** The options that an admin command line has for every command. */
export interface AdminOptions {
  readonly address: string;
  readonly port: string;
  readonly json?: true;
}

/** Whose API an {@link AdminClient} asks. */
export interface AdminSubject {
  readonly daemon: string;
  /** What the daemon calls it: `API`, `admin API`. */
  readonly api: string;
  /** How a cell of a table is printed; as it is unless given. */
  readonly cell?: (text: string) => string;
}

/** A daemon's API as the commands of its admin command line use it, and how they print what it says. */
export class AdminClient {
  readonly #subject: AdminSubject;
  readonly #options: () => AdminOptions;

  /** `options` is asked when a command runs, since they are read later than commands are declared. */
  constructor(subject: AdminSubject, options: () => AdminOptions) {
    this.#subject = subject;
    this.#options = options;
  }

  /** Ask for something. @throws KestrelError (input) with what the daemon said, or that nobody answers */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return schema.parse(JSON.parse(await this.#ask({ method: "GET", path })));
  }

  /** Have something done; prints `{}` for `--json`. @throws KestrelError (input) as for {@link AdminClient.get} */
  async send(method: "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<void> {
    await this.#ask({ method, path, body });
    if (this.#options().json === true) print("{}");
  }

  /** Print JSON or a table of it. */
  show(json: unknown, headings: readonly string[], rows: readonly (readonly string[])[]): void {
    const { cell = (text: string) => text } = this.#subject;
    const table = (): string =>
      textTable(
        headings,
        rows.map((row) => row.map(cell)),
      );
    print(this.#options().json === true ? JSON.stringify(json, undefined, 2) : table());
  }

  async #ask(request: Omit<ApiRequest, "timeoutMs">): Promise<string> {
    const { daemon, api } = this.#subject;
    const { address, port } = this.#options();
    const fault = (found: string, hint?: string, cause?: unknown): KestrelError =>
      new KestrelError(
        { kind: "input", step: `ask ${daemon}`, subject: `[${address}]:${port}`, found, hint },
        { cause },
      );
    const answer = await requestApi({ host: address, port: Number(port) }, { ...request, timeoutMs }).catch(
      (error: unknown) => {
        const found = error instanceof Error ? error.message : String(error);
        throw fault(found, `is ${daemon} running, and is this where its ${api} listens?`, error);
      },
    );
    if (answer.status < 200 || answer.status > 299) throw fault(messageOf(answer.body) ?? `status ${answer.status}`);
    return answer.body;
  }
}

const refusal = z.object({ message: z.string() });

function messageOf(body: string): string | undefined {
  try {
    return refusal.safeParse(JSON.parse(body)).data?.message;
  } catch {
    return undefined;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Run an admin command with {@link AdminOptions}: what goes wrong is told as text, or as JSON where that is asked for. */
export async function runAdminProgram(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    const json = program.opts<AdminOptions>().json === true;
    process.stderr.write(`${json ? JSON.stringify(serializeError(error)) : describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
