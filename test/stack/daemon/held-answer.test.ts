import { createRoute, z } from "@hono/zod-openapi";
import { expect, test } from "vitest";
import { createApi, serveApi } from "../../../src/stack/daemon/api.ts";
import { ChangeSignal, heldAnswers } from "../../../src/stack/daemon/held-answer.ts";
import { type ApiAnswer, requestApi } from "../../../src/stack/daemon/request.ts";

/** A served list that tests change, and a client of it. */
async function listServer() {
  const items = ["one"];
  const changes = new ChangeSignal();
  const api = createApi({ bodyLimitBytes: 64 });
  api.use(
    "/items",
    heldAnswers(changes, () => items),
  );
  const list = { 200: { description: "all", content: { "application/json": { schema: z.array(z.string()) } } } };
  api.openapi(createRoute({ method: "get", path: "/items", responses: list }), (c) => c.json(items, 200));
  const served = await serveApi(api, { host: "::1", port: 0 });
  const get = (headers: Record<string, string> = {}): Promise<ApiAnswer> =>
    requestApi({ host: "::1", port: served.port }, { method: "GET", path: "/items", headers, timeoutMs: 30_000 });
  return { items, changes, get, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

test("an answer that is known is held until it is another", async () => {
  await using server = await listServer();
  const { items, changes, get } = server;
  const first = await get();
  const held = get({ "if-none-match": first.headers["etag"] ?? "", prefer: "wait=30" });
  await expect.poll(() => changes.waiting).toBe(1);
  // Not a change of this answer: it goes on being held.
  changes.changed();
  await expect.poll(() => changes.waiting).toBe(1);
  items.push("two");
  changes.changed();
  const second = await held;
  expect(second).toMatchObject({ status: 200, body: '["one","two"]' });
  expect(second.headers["etag"]).not.toBe(first.headers["etag"]);
});

test("an answer that stays the same is 304 after the time the client prefers", async () => {
  await using server = await listServer();
  const { headers } = await server.get();
  const tag = headers["etag"] ?? "";
  expect(await server.get({ "if-none-match": tag })).toMatchObject({ status: 304, body: "" });
  expect(await server.get({ "if-none-match": tag, prefer: "respond-async, wait=1" })).toMatchObject({ status: 304 });
  expect(server.changes.waiting).toBe(0);
});

test("what the client does not know is answered at once", async () => {
  await using server = await listServer();
  expect(await server.get({ "if-none-match": '"another"', prefer: "wait=30" })).toMatchObject({ status: 200 });
  expect(await server.get({ prefer: "wait=30" })).toMatchObject({ status: 200, body: '["one"]' });
});
