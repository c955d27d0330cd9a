import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { KestrelError } from "../../error/kestrel-error.ts";

/**
 * Read a daemon's configuration, a JSON file, against its schema.
 *
 * @throws KestrelError naming the file and every fault in it
 */
export async function readConfiguration<Schema extends z.ZodType>(
  daemon: string,
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const fault = (found: string, cause?: unknown): KestrelError =>
    new KestrelError(
      { kind: "input", step: `read the configuration of ${daemon}`, subject: file, found },
      cause === undefined ? {} : { cause },
    );
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error), error);
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw fault(
    result.error.issues.map(({ path, message }) => `${path.join(".") || "the whole"}: ${message}`).join("; "),
  );
}
