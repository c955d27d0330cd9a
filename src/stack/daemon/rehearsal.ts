import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRoute, z } from "@hono/zod-openapi";
import { listLinks } from "../../netdev/links.ts";
import { openNetlinkSocket } from "../../netdev/netlink-socket.ts";
import { createApi, serveApi } from "./api.ts";
import { ChangeSignal, heldAnswers } from "./held-answer.ts";
import { requestApi } from "./request.ts";

const timeoutMs = 60_000;
/** What is called for the first time takes another way through Node.js than what is called again. */
const rounds = 3;

/**
 * Do once what every daemon does when it starts, and put all of it away again: serve an API and ask it, check a configuration,
 * ask the kernel for its interfaces. In the template it costs nothing; a clone then runs code that has run before, which
 * matters where the processor is emulated: most of a daemon's start is what Node.js compiles and looks up the first time.
 *
 * @param schema the daemon's configuration
 */
export async function rehearse(schema: z.ZodType): Promise<void> {
  schema.safeParse({});
  const directory = await mkdtemp(join(tmpdir(), "kestrel-rehearsal-"));
  try {
    await rehearseApi(join(directory, "api"));
  } finally {
    await rm(directory, { recursive: true });
  }
  using netlink = openNetlinkSocket();
  await listLinks(netlink);
}

async function rehearseApi(socketPath: string): Promise<void> {
  const api = createApi({ bodyLimitBytes: 1024 });
  const item = z.strictObject({ prefix: z.string(), metric: z.int().default(0), tag: z.string().nullish() });
  const items: z.output<typeof item>[] = [];
  api.use(
    "/items",
    heldAnswers(new ChangeSignal(), () => items),
  );
  const list = { 200: { description: "all", content: { "application/json": { schema: z.array(item) } } } };
  api.openapi(createRoute({ method: "get", path: "/items", responses: list }), (c) => c.json(items, 200));
  const request = { body: { required: true, content: { "application/json": { schema: item } } } } as const;
  const done = { 204: { description: "done" } } as const;
  api.openapi(createRoute({ method: "put", path: "/items", request, responses: done }), (c) => {
    items.push(c.req.valid("json"));
    return c.body(null, 204);
  });
  await using _served = await serveApi(api, { path: socketPath });
  const ask = { path: "/items", timeoutMs } as const;
  for (let round = 0; round < rounds; round += 1) {
    await requestApi({ socketPath }, { ...ask, method: "PUT", body: { prefix: "::/0" } });
    await requestApi({ socketPath }, { ...ask, method: "PUT", body: {} });
    const { headers } = await requestApi({ socketPath }, { ...ask, method: "GET" });
    await requestApi({ socketPath }, { ...ask, method: "GET", headers: { "if-none-match": headers["etag"] ?? "" } });
  }
}
