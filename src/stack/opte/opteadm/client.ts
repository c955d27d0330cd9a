import { request as httpRequest } from "node:http";
import { createInterface } from "node:readline";
import { z } from "zod";
import { KestrelError } from "../../../error/kestrel-error.ts";
import { requestApi } from "../../daemon/request.ts";

/** For what is asked of an opted that is busy in an emulated machine, too. */
const timeoutMs = 120_000;

/** Options that every command has. */
export interface OpteadmOptions {
  readonly socket: string;
  readonly json?: true;
}

/** opted's API as the commands of opteadm use it, and how they print what it says. */
export class OptedClient {
  readonly #options: () => OpteadmOptions;

  /** `options` is asked when a command runs, since they are read later than commands are declared. */
  constructor(options: () => OpteadmOptions) {
    this.#options = options;
  }

  get isJson(): boolean {
    return this.#options().json === true;
  }

  /** Ask for something. @throws KestrelError (input) with what opted said, or that nobody answers */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return schema.parse(JSON.parse(await this.#ask("GET", path)));
  }

  /** Have something done that has an answer. @throws KestrelError (input) as for {@link OptedClient.get} */
  async call<Schema extends z.ZodType>(
    method: "PUT" | "POST",
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    return schema.parse(JSON.parse(await this.#ask(method, path, body)));
  }

  /** Have something done; prints nothing, or `{}` for `--json`. @throws KestrelError (input) as for {@link OptedClient.get} */
  async send(method: "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<void> {
    await this.#ask(method, path, body);
    if (this.isJson) print("{}");
  }

  /** The same, without printing anything. */
  async do(method: "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<void> {
    await this.#ask(method, path, body);
  }

  /** Print a value as JSON, or as `text` says it. */
  show(value: unknown, text: () => string): void {
    print(this.isJson ? JSON.stringify(value, undefined, 2) : text());
  }

  /** Lines of an answer that does not end by itself. Rejects like {@link OptedClient.get} when it cannot be had. */
  async stream(path: string, line: (text: string) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const request = httpRequest({ socketPath: this.#options().socket, path, agent: false }, (response) => {
      const lines = createInterface({ input: response });
      if (response.statusCode !== 200) {
        let body = "";
        lines.on("line", (text) => (body += text));
        lines.on("close", () => {
          reject(this.#fault(messageOf(body) ?? `status ${response.statusCode ?? 0}`));
        });
        return;
      }
      lines.on("line", (text) => {
        if (text !== "") line(text);
      });
      lines.on("close", resolve);
    });
    request.on("error", (error) => {
      reject(this.#silence(error));
    });
    request.end();
    await promise;
  }

  async #ask(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<string> {
    const target = { socketPath: this.#options().socket };
    const request = { method, path, body, timeoutMs, answerLimitBytes: 1024 * 1024 * 1024 };
    const answer = await requestApi(target, request).catch((error: unknown) => {
      throw this.#silence(error);
    });
    if (answer.status < 200 || answer.status > 299) throw this.#refusal(answer.body, answer.status);
    return answer.body;
  }

  #refusal(body: string, status: number): KestrelError {
    return this.#fault(messageOf(body) ?? `status ${status}`);
  }

  #silence(error: unknown): KestrelError {
    const found = error instanceof Error ? error.message : String(error);
    return this.#fault(found, "is opted running, and is this its socket?");
  }

  #fault(found: string, hint?: string): KestrelError {
    return new KestrelError({ kind: "input", step: "ask opted", subject: this.#options().socket, found, hint });
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

/** Print a text and an end of line. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The path of something of a port. */
export function portPath(port: string, ...rest: readonly string[]): string {
  return ["/ports", port, ...rest].map((part, at) => (at === 0 ? part : encodeURIComponent(part))).join("/");
}
