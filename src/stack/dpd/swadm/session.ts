import type { Command } from "commander";
import { z } from "zod";
import { KestrelError } from "../../../error/kestrel-error.ts";
import { textTable } from "../../../text/columns.ts";
import { type ApiAnswer, type ApiRequest, requestApi } from "../../daemon/request.ts";

/** Adds commands to the command line. */
export type Commands = (program: Command, session: Session) => void;

/** How long dpd may take to answer. */
const timeoutMs = 30_000;
const page = z.object({ items: z.array(z.unknown()), next_page: z.string().nullable() });

/** What the commands have in common: asking dpd, and telling what it said. */
export class Session {
  readonly #options: () => { readonly host: string; readonly port: string; readonly json?: boolean };

  constructor(options: () => { readonly host: string; readonly port: string; readonly json?: boolean }) {
    this.#options = options;
  }

  /** Ask dpd for something. Throws a KestrelError with what it said when it refuses. */
  async get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    const { body } = await this.#request("GET", path);
    return schema.parse(JSON.parse(body));
  }

  /** Ask dpd for all items of a list that comes in pages. */
  async pages<S extends z.ZodType>(path: string, item: S): Promise<readonly z.output<S>[]> {
    const items: z.output<S>[] = [];
    let query = "?limit=1000";
    for (;;) {
      const answer = await this.get(`${path}${query}`, page);
      items.push(...answer.items.map((one) => item.parse(one)));
      if (answer.next_page === null) return items;
      query = `?limit=1000&page_token=${encodeURIComponent(answer.next_page)}`;
    }
  }

  /** Have dpd do something. Throws a KestrelError with what it said when it refuses. */
  async send(method: "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<void> {
    await this.#request(method, path, body);
    if (this.#options().json === true) process.stdout.write("{}\n");
  }

  /** Print a table, or the values behind it as JSON. */
  print(values: unknown, headings: readonly string[], rows: readonly (readonly string[])[]): void {
    const text = this.#options().json === true ? JSON.stringify(values, undefined, 2) : textTable(headings, rows);
    process.stdout.write(`${text}\n`);
  }

  /** Print some lines, or the values behind them as JSON. */
  printLines(values: unknown, lines: readonly string[]): void {
    const text = this.#options().json === true ? JSON.stringify(values, undefined, 2) : lines.join("\n");
    process.stdout.write(`${text}\n`);
  }

  async #request(method: ApiRequest["method"], path: string, body?: unknown): Promise<ApiAnswer> {
    const { host, port } = this.#options();
    const step = `${method} ${path}`;
    let answer: ApiAnswer;
    try {
      answer = await requestApi({ host, port: Number(port) }, { method, path, body, timeoutMs });
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      const hint = "is dpd running? --host and --port say where it is looked for";
      throw new KestrelError(
        { kind: "host", step: "ask dpd", subject: `${host} ${port}`, found, hint },
        { cause: error },
      );
    }
    if (answer.status < 300) return answer;
    throw new KestrelError({
      kind: answer.status < 500 ? "input" : "host",
      step: "ask dpd",
      subject: step,
      found: `${messageOf(answer.body)} (status ${answer.status})`,
    });
  }
}

function messageOf(body: string): string {
  try {
    const answered: unknown = JSON.parse(body);
    if (typeof answered === "object" && answered !== null && "message" in answered) return String(answered.message);
  } catch {
    // Not dpd's own words, then.
  }
  return body;
}
