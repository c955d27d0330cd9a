import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** How the rows of a table differ from what SQLite keeps. */
export interface TableShape<Row> {
  readonly name: string;
  /** Columns that are true or false. */
  readonly booleans?: readonly (keyof Row & string)[];
  /** Columns whose values are kept as JSON. */
  readonly json?: readonly (keyof Row & string)[];
}

/** Which page of a list is wanted. */
export interface PageOptions<Row> {
  readonly by: keyof Row & string;
  readonly descending: boolean;
  /** The value of the column `by` in the last row of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

type Where<Row> = { readonly [Column in keyof Row]?: Row[Column] | readonly NonNullable<Row[Column]>[] };

/** One table of the database. Its statements are prepared once. */
export class Table<Row extends object> {
  readonly #database: DatabaseSync;
  readonly #shape: TableShape<Row>;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, shape: TableShape<Row>) {
    this.#database = database;
    this.#shape = shape;
  }

  insert(row: Row): Row {
    const columns = Object.keys(row);
    const marks = columns.map(() => "?").join(", ");
    const text = `INSERT INTO "${this.#shape.name}" (${columns.join(", ")}) VALUES (${marks})`;
    this.#statement(text).run(...Object.values(row).map(toSql));
    return row;
  }

  /** Change some columns of the rows that fit; returns how many rows they are. */
  update(where: Where<Row>, changes: Partial<Row>): number {
    const columns = Object.keys(changes);
    if (columns.length === 0) return 0;
    const condition = conditionOf(where);
    const sets = columns.map((column) => `${column} = ?`).join(", ");
    const text = `UPDATE "${this.#shape.name}" SET ${sets}${condition.text}`;
    const { changes: count } = this.#statement(text).run(
      ...Object.values(changes).map(toSql),
      ...condition.values.map(toSql),
    );
    return Number(count);
  }

  /** Delete the rows that fit; returns how many they were. */
  delete(where: Where<Row>): number {
    const { text, values } = conditionOf(where);
    return Number(this.#statement(`DELETE FROM "${this.#shape.name}"${text}`).run(...values.map(toSql)).changes);
  }

  /** The one row that fits, or the first of several. */
  find(where: Where<Row>): Row | undefined {
    const { text, values } = conditionOf(where);
    const row = this.#statement(`SELECT * FROM "${this.#shape.name}"${text} LIMIT 1`).get(...values.map(toSql));
    return row === undefined ? undefined : this.#read(row);
  }

  /** All rows that fit, in the order of their keys. */
  list(where: Where<Row> = {}): readonly Row[] {
    const { text, values } = conditionOf(where);
    const rows = this.#statement(`SELECT * FROM "${this.#shape.name}"${text} ORDER BY rowid`).all(...values.map(toSql));
    return rows.map((row) => this.#read(row));
  }

  count(where: Where<Row> = {}): number {
    const { text, values } = conditionOf(where);
    const row = this.#statement(`SELECT count(*) AS n FROM "${this.#shape.name}"${text}`).get(...values.map(toSql));
    return Number(row?.["n"] ?? 0);
  }

  /** Rows that fit from one on, sorted by a column. */
  page(where: Where<Row>, { by, descending, after, limit }: PageOptions<Row>): readonly Row[] {
    const { text, values } = conditionOf(where);
    const joint = text === "" ? " WHERE" : " AND";
    const from = after === undefined ? "" : `${joint} ${by} ${descending ? "<" : ">"} ?`;
    const order = `${from} ORDER BY ${by} ${descending ? "DESC" : "ASC"} LIMIT ?`;
    const rows = this.#statement(`SELECT * FROM "${this.#shape.name}"${text}${order}`).all(
      ...values.map(toSql),
      ...(after === undefined ? [] : [after]),
      limit,
    );
    return rows.map((row) => this.#read(row));
  }

  #statement(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) this.#statements.set(text, (statement = this.#database.prepare(text)));
    return statement;
  }

  #read(row: Record<string, unknown>): Row {
    for (const column of this.#shape.booleans ?? []) row[column] = row[column] === 1;
    for (const column of this.#shape.json ?? []) {
      const text = row[column];
      if (typeof text === "string") row[column] = JSON.parse(text);
    }
    return row as Row;
  }
}

function conditionOf(where: object): { readonly text: string; readonly values: readonly unknown[] } {
  const parts: string[] = [];
  const values: unknown[] = [];
  for (const [column, value] of Object.entries(where) as [string, unknown][]) {
    if (value === undefined) continue;
    if (value === null) parts.push(`${column} IS NULL`);
    else if (Array.isArray(value)) {
      // One statement whatever the number of values.
      parts.push(`${column} IN (SELECT value FROM json_each(?))`);
      values.push(JSON.stringify(value));
      continue;
    } else {
      parts.push(`${column} = ?`);
      values.push(value);
    }
  }
  return { text: parts.length === 0 ? "" : ` WHERE ${parts.join(" AND ")}`, values };
}

function toSql(value: unknown): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "number" || typeof value === "string") return value;
  return JSON.stringify(value);
}
