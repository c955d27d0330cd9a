import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { part, startDpd, type TestedDpd } from "./dpd-fixture.ts";
import { requestOf, type Step } from "./naive-rack.ts";
import { heldTables } from "./rack-tables.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** A schema of the OpenAPI document, as far as it is looked at. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
}

/** Parts of paths that name something there is. */
const valid: Readonly<Record<string, string>> = {
  port_id: "rear0",
  link_id: "0",
  low: "7",
  high: "8",
  tag: "t",
  table: "ingress.mac.mac_rewrite",
  counter: "drop_reason",
  tgt_ip: "fe80::1",
};

/** A value of each kind, none of which is an address, a number in use, or one of a list. */
const wrongValues: readonly (readonly [string, unknown])[] = [
  ["string", "\u0000"],
  ["number", -1],
  ["number", 1e300],
  ["array", []],
  ["object", { $: 1 }],
  ["null", null],
];

let tested: TestedDpd;
let operations: readonly { readonly method: "PUT" | "POST"; readonly path: string; readonly schema: Schema }[];

beforeAll(async () => {
  tested = await startDpd();
  const { value } = await tested.call("GET", "/openapi.json");
  const { paths } = value as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      if (requestBody === undefined) return [];
      const { schema } = requestBody.content["application/json"];
      return [{ method: method.toUpperCase() as "PUT" | "POST", path: filled(path), schema }];
    }),
  );
  return () => tested[Symbol.asyncDispose]();
});

function filled(path: string): string {
  const address = path.includes("ipv4") ? "203.0.113.1" : "2001:db8::1";
  const values: Readonly<Record<string, string>> = {
    ...valid,
    external_ip: address,
    subnet: "203.0.113.0/24",
    cidr: `${address}/32`,
    addr: address,
    ip: address,
  };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => part(values[name] ?? "x"));
}

/** Bodies that fit, from the steps that the model knows; by the operation's method and path. */
const fitting: readonly Step[] = [
  { kind: "add", prefix: "fd00:1::/64", target: { tag: "t", portId: "rear0", hop: "fe80::1" } },
  { kind: "set", prefix: "fd00:1::/64", target: { tag: "t", portId: "rear0", hop: "fe80::1" } },
  { kind: "neighbor", ip: "10.0.0.1", mac: "02:00:00:00:00:01", tag: "t" },
  { kind: "address", portId: "rear0", addr: "fd00::1", tag: "t" },
  { kind: "loopback", addr: "fd00::2", tag: "t" },
  { kind: "nat", external: "203.0.113.1", low: 1, high: 2, vni: 1 },
  { kind: "createLink", portId: "rear0" },
  { kind: "settings", portId: "rear0", addrs: ["fd00::3"], tag: "t" },
];

test("every operation with a body is in the document", () => {
  expect(operations).toHaveLength(25);
});

test("bodies that are no JSON, none at all or anything at random are refused and change nothing", async () => {
  const before = heldTables(tested.switch);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(operations.length - 1),
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.constant(""),
        fc.string({ minLength: 1 }).map((text) => `{"${text}`),
      ),
      async (at, text) => {
        const operation = operations[at];
        if (operation === undefined) return;
        // What is nothing but true or false is all that a simple attribute takes.
        fc.pre(operation.schema.type !== "boolean" || !/^\s*(true|false)\s*$/.test(text));
        const response = await fetch(`http://[::1]:${tested.dpd.port}${operation.path}`, {
          method: operation.method,
          body: text,
          headers: { "content-type": "application/json" },
        });
        const answer = (await response.json()) as { readonly message: string };
        expect([operation.path, text, response.status]).toEqual([operation.path, text, 400]);
        expect(answer.message).not.toBe("");
      },
    ),
    { numRuns: 300 },
  );
  expect(heldTables(tested.switch)).toEqual(before);
});

test("a body that is too long is refused, whatever is in it", async () => {
  for (const { method, path } of operations) {
    const answer = await tested.call(method, path, { padding: "x".repeat(10_240) });
    expect([path, answer.status]).toEqual([path, 413]);
  }
});

test("a field that is missing, or of the wrong kind, is named", async () => {
  const before = heldTables(tested.switch);
  let checked = 0;
  for (const step of fitting) {
    const [method, path, body] = requestOf(step);
    for (const { name, changed } of variants(body)) {
      const answer = await tested.call(method, path, changed);
      expect([path, changed, answer.status]).toEqual([path, changed, 400]);
      expect((answer.value as { message: string }).message).toContain(name);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(100);
  expect(heldTables(tested.switch)).toEqual(before);
});

const optional = new Set(["vlan_id", "replace", "fec", "lane", "tx_eq", "allow_ddm_traffic", "update"]);

/** The body with each of its fields left out, and with each of a wrong kind; and the name that the answer must have. */
function* variants(body: unknown): Generator<{ readonly name: string; readonly changed: unknown }> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return;
  for (const [name, value] of Object.entries(body)) {
    if (optional.has(name)) continue;
    const { [name]: _, ...rest } = body as Readonly<Record<string, unknown>>;
    // Links of a port are named by their numbers: one left out is not missing.
    if (!/^\d+$/.test(name)) yield { name, changed: rest };
    const kind = Array.isArray(value) ? "array" : typeof value;
    for (const [wrong, example] of wrongValues) {
      // Any text is a tag; no text is an address, and no number of these is one that can be.
      if (name === "tag" ? wrong === "string" : wrong === kind && (kind === "array" || kind === "object")) continue;
      yield { name, changed: { ...body, [name]: example } };
    }
    for (const inner of variants(value)) yield { name: inner.name, changed: { ...body, [name]: inner.changed } };
  }
}
