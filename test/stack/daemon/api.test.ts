import { request as httpRequest } from "node:http";
import { createRoute, z } from "@hono/zod-openapi";
import { expect, test } from "vitest";
import { ApiError, createApi, serveApi } from "../../../src/stack/daemon/api.ts";
import { type ApiRequest, requestApi } from "../../../src/stack/daemon/request.ts";

const put = createRoute({
  method: "put",
  path: "/prefix",
  request: { body: { content: { "application/json": { schema: z.strictObject({ length: z.int() }) } } } },
  responses: { 204: { description: "stored" } },
});

function prefixApi(refusals: string[]): ReturnType<typeof createApi> {
  const api = createApi({
    bodyLimitBytes: 64,
    onRefusal: (status, message, error) =>
      refusals.push(`${status} ${message}${error instanceof Error ? error.message : ""}`),
  });
  api.openapi(put, (context) => {
    const { length } = context.req.valid("json");
    if (length > 128) throw new ApiError(409, "too long", "TooLong");
    if (length < 0) throw new Error("secret");
    return context.body(null, 204);
  });
  return api;
}

const cases: readonly [string, Omit<ApiRequest, "timeoutMs">, number, RegExp | ""][] = [
  ["a body that fits", { method: "PUT", path: "/prefix", body: { length: 64 } }, 204, ""],
  ["a field of another type", { method: "PUT", path: "/prefix", body: { length: "a" } }, 400, /length/],
  ["a field that is unknown", { method: "PUT", path: "/prefix", body: { length: 1, other: 2 } }, 400, /other/],
  [
    "a body that is too long",
    { method: "PUT", path: "/prefix", body: { length: 1, o: "x".repeat(80) } },
    413,
    /64 bytes/,
  ],
  [
    "an error of the operation",
    { method: "PUT", path: "/prefix", body: { length: 129 } },
    409,
    /"error_code":"TooLong"/,
  ],
  [
    "a fault of the daemon",
    { method: "PUT", path: "/prefix", body: { length: -1 } },
    500,
    /"message":"internal error"/,
  ],
  ["an unknown path", { method: "GET", path: "/nothing" }, 404, /GET \/nothing/],
];

test.for(cases)("%s", async ([, request, status, body]) => {
  const refusals: string[] = [];
  await using served = await serveApi(prefixApi(refusals), { host: "::1", port: 0 });
  const answer = await requestApi({ host: "::1", port: served.port }, { ...request, timeoutMs: 30_000 });
  expect(answer.status).toBe(status);
  expect(answer.body).toMatch(body);
  expect(answer.body).not.toContain("secret");
  expect(refusals).toHaveLength(status < 300 ? 0 : 1);
});

test.for([
  ["fits", "[1]", 200],
  ["is too long", `[${"1,".repeat(40)}1]`, 413],
  ["is no JSON", "[", 400],
] as const)("a body of unknown length that %s", async ([, text, status]) => {
  const api = createApi({ bodyLimitBytes: 64 });
  api.openapi(
    createRoute({
      method: "put",
      path: "/list",
      request: { body: { required: true, content: { "application/json": { schema: z.array(z.int()) } } } },
      responses: { 200: { description: "the same", content: { "application/json": { schema: z.array(z.int()) } } } },
    }),
    (context) => context.json(context.req.valid("json"), 200),
  );
  await using served = await serveApi(api, { host: "::1", port: 0 });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = httpRequest({ host: "::1", port: served.port, method: "PUT", path: "/list" }, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  request.on("error", reject);
  request.setHeader("content-type", "application/json");
  // Written before it is ended, it goes in chunks.
  request.write(text);
  request.end();
  expect(await promise).toBe(status);
});

test("a DELETE without a body", async () => {
  const api = createApi({ bodyLimitBytes: 64 });
  api.openapi(
    createRoute({ method: "delete", path: "/thing", responses: { 204: { description: "gone" } } }),
    (context) => context.body(null, 204),
  );
  await using served = await serveApi(api, { host: "::1", port: 0 });
  const answer = await requestApi(
    { host: "::1", port: served.port },
    { method: "DELETE", path: "/thing", timeoutMs: 30_000 },
  );
  expect(answer.status).toBe(204);
});

test("malformed JSON is the sender's fault", async () => {
  const response = await prefixApi([]).request("/prefix", {
    method: "PUT",
    body: "{",
    headers: { "content-type": "application/json" },
  });
  expect(response.status).toBe(400);
});

test("an answer is waited for no longer than asked", async () => {
  const api = createApi({ bodyLimitBytes: 64 });
  api.get("/never", () => new Promise<Response>(() => undefined));
  await using served = await serveApi(api, { host: "127.0.0.1", port: 0 });
  await expect(
    requestApi({ host: "127.0.0.1", port: served.port }, { method: "GET", path: "/never", timeoutMs: 20 }),
  ).rejects.toThrow();
});
