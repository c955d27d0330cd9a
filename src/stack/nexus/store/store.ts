import { createHash } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { KestrelError } from "../../../error/kestrel-error.ts";
import { type RandomSource, randomSource } from "../../daemon/random.ts";
import type { Identity } from "../engine/rows.ts";
import { migrations } from "./migrations.ts";
import { type Tables, tablesOf } from "./tables.ts";

/** How a database is opened. */
export interface StoreOptions {
  /** A file, or `:memory:`. */
  readonly file: string;
  /** Identifiers follow from it; kept in the database from its beginning on. */
  readonly seed: string;
  /** Now, ISO 8601 in UTC. */
  readonly timeText: () => string;
  /** Bring it to this version only; for tests of migrations. */
  readonly version?: number;
}

/**
 * The database of nexus: one file of SQLite, write-ahead log, an answer only after it is on the disk. Everything is
 * synchronous, so that a transaction is alone.
 */
export class Store implements Disposable {
  readonly tables: Tables;
  readonly timeText: () => string;
  readonly #database: DatabaseSync;
  readonly #seed: string;
  #isChanging = false;

  /** @throws KestrelError (input) if the file is no database of nexus, or one of a later version */
  constructor({ file, seed, timeText, version = migrations.length }: StoreOptions) {
    this.timeText = timeText;
    this.#database = openDatabase(file, version);
    this.tables = tablesOf(this.#database);
    if (this.tables.meta.find({ key: "seed" }) === undefined) {
      this.tables.meta.insert({ key: "seed", value: seed });
    }
    this.#seed = this.tables.meta.find({ key: "seed" })?.value ?? seed;
  }

  /** Do something wholly or not at all: what `change` throws takes back all of it. */
  transaction<T>(change: () => T): T {
    if (this.#isChanging) return change();
    this.#database.exec("BEGIN IMMEDIATE");
    this.#isChanging = true;
    try {
      const result = change();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#isChanging = false;
    }
  }

  /** A stream of random numbers that no other call has had, nor will have after a restart. Within a transaction. */
  random(purpose: string): RandomSource {
    return randomSource(this.#seed, "nexus", purpose, String(this.#draw()));
  }

  /** A UUID (RFC 9562, version 4) for a resource. Within a transaction. */
  newId(): string {
    const digest = createHash("sha256").update(JSON.stringify([this.#seed, "nexus", "id", this.#draw()]));
    const bytes = digest.digest().subarray(0, 16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /** How often something random was drawn, this time included: kept, so that no draw is made twice. */
  #draw(): number {
    const { meta } = this.tables;
    const count = Number(meta.find({ key: "draws" })?.value ?? "0") + 1;
    if (count === 1) meta.insert({ key: "draws", value: "1" });
    else meta.update({ key: "draws" }, { value: String(count) });
    return count;
  }

  /** What a new named resource begins with. Within a transaction. */
  newIdentity({ name, description }: Pick<Identity, "name" | "description">): Identity {
    const now = this.timeText();
    return { id: this.newId(), name, description, time_created: now, time_modified: now };
  }

  /** Every row of every table as text, to compare with another moment. */
  dump(): string {
    const names = this.#database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    const tables = names.map(({ name }) => [
      name,
      this.#database.prepare(`SELECT * FROM "${String(name)}" ORDER BY 1, 2`).all(),
    ]);
    return JSON.stringify(Object.fromEntries(tables));
  }

  /** What SQLite finds wrong with the file; empty if nothing. */
  integrityFaults(): readonly string[] {
    const check = this.#database.prepare("PRAGMA integrity_check").all();
    const foreign = this.#database.prepare("PRAGMA foreign_key_check").all();
    return [
      ...check.map((row) => String(row["integrity_check"])).filter((text) => text !== "ok"),
      ...foreign.map((row) => `dangling reference in ${String(row["table"])}`),
    ];
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function openDatabase(file: string, wanted: number): DatabaseSync {
  const fault = (found: string, cause?: unknown): KestrelError =>
    new KestrelError({ kind: "input", step: "open the database of nexus", subject: file, found }, { cause });
  let database: DatabaseSync;
  try {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    database = new DatabaseSync(file);
    // The files beside it get the same permissions.
    if (file !== ":memory:") chmodSync(file, 0o600);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error), error);
  }
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > migrations.length) {
    database.close();
    throw fault(`a database of version ${version}; this nexus knows versions up to ${migrations.length}`);
  }
  for (const [at, step] of migrations.entries()) {
    if (at < version || at >= wanted) continue;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${at + 1}; COMMIT`);
  }
  return database;
}
