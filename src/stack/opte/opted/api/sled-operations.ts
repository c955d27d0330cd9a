import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { formatMac } from "../../../../packet/mac.ts";
import { ApiError } from "../../../daemon/api.ts";
import { ChangeSignal, heldAnswers } from "../../../daemon/held-answer.ts";
import type { AgentFrame } from "../../engine/vpc/agent-queue.ts";
import { udpReply, udpRequest } from "../../engine/vpc/agent-reply.ts";
import { Frame } from "../../engine/parse/frame.ts";
import { countedLinks, sledCountersOf } from "../counters.ts";
import { reconcile } from "../reconcile.ts";
import { sledState } from "../sled-state.ts";
import { stateOf } from "../state-of.ts";
import type { ApiContext } from "./opted-api.ts";
import { operation } from "./operations.ts";
import { agentFrame, counters, linkCounters, nearLimit, underlayLink } from "./values.ts";

/** How long who takes frames may wait for the first one. */
const longestWaitSeconds = 60;

/** What concerns the sled as a whole: the underlay, everything it was told, counters, probes, the agent's queue. */
export function sledOperations(api: OpenAPIHono, context: ApiContext): void {
  const { sled, saved } = context;
  const links = sledState.shape.underlay.unwrap().unwrap();
  operation(
    api,
    "get",
    "/underlay",
    { summary: "Links of the underlay that are there.", answer: z.array(underlayLink) },
    () =>
      sled.forwarder.underlay.links.map(({ name, mtu, mac }) => ({
        link: name,
        mtu,
        mac: formatMac(mac).toUpperCase(),
      })),
  );
  operation(api, "put", "/underlay", { summary: "Have these two links.", body: links }, async ({ body }) => {
    await sled.setUnderlay(body);
    await saved();
  });
  operation(api, "delete", "/underlay", { summary: "Have none; there must be no port." }, async () => {
    sled.clearUnderlay();
    await saved();
  });
  operation(api, "get", "/state", { summary: "Everything that the sled was told.", answer: sledState }, () =>
    stateOf(sled),
  );
  operation(
    api,
    "put",
    "/state",
    {
      summary: "Have the sled be so by the fewest changes: what is so is not touched, and its flows go on.",
      body: sledState,
      answer: z.strictObject({ changes: z.array(z.string()) }),
    },
    async ({ body }) => {
      try {
        return { changes: [...(await reconcile(sled, body))] };
      } finally {
        await saved();
      }
    },
  );
  operation(api, "get", "/counters", { summary: "What is counted for the whole sled.", answer: counters }, () =>
    sledCountersOf(sled.forwarder),
  );
  const carried = { summary: "What interfaces of guests and of the underlay carried.", answer: z.array(linkCounters) };
  operation(api, "get", "/links", carried, () =>
    countedLinks(
      sled.forwarder,
      sled.records.map(({ port: { name } }) => name),
    ),
  );
  limitOperation(api, context);
  probeOperation(api, context);
  agentOperations(api, context);
}

function limitOperation(api: OpenAPIHono, { limits }: ApiContext): void {
  const route = createRoute({
    method: "get",
    path: "/near-limits",
    summary: "What of ports is nearly used up; held for who knows it already.",
    middleware: heldAnswers(limits.changes, () => limits.near),
    responses: {
      200: { description: "the answer", content: { "application/json": { schema: z.array(nearLimit) } } },
      304: { description: "nothing else than is known already" },
    },
  });
  api.openapi(route, () => Response.json(limits.near));
}

function probeOperation(api: OpenAPIHono, { probes }: ApiContext): void {
  const query = z.object({
    /** Names with commas between. */
    probes: z.string().optional(),
    port: z.string().optional(),
    drops: z.stringbool().optional(),
  });
  const route = createRoute({
    method: "get",
    path: "/probes",
    summary: "Probes as they fire, a line of JSON each, until the connection is closed.",
    request: { query },
    responses: { 200: { description: "lines of application/x-ndjson" } },
  });
  api.openapi(route, (context) => {
    const { probes: names, port, drops } = context.req.valid("query");
    const stream = probes.stream({ probes: names?.split(","), port, drops });
    return new Response(stream, { headers: { "content-type": "application/x-ndjson" } });
  });
}

function agentOperations(api: OpenAPIHono, { sled }: ApiContext): void {
  const { agentQueue } = sled.opte;
  const frames = new ChangeSignal();
  agentQueue.onFrame = () => {
    frames.changed();
  };
  const query = z.object({
    /** Seconds to wait for the first frame. */
    wait: z.coerce.number().min(0).max(longestWaitSeconds).default(0),
  });
  const take = createRoute({
    method: "post",
    path: "/agent/take",
    summary: "Take the frames that guests sent to services.",
    request: { query },
    responses: { 200: { description: "frames", content: { "application/json": { schema: z.array(agentFrame) } } } },
  });
  api.openapi(take, async (context) => {
    if (agentQueue.length === 0) await frames.next(context.req.valid("query").wait * 1000);
    // What nobody would hear of stays for who asks next.
    const taken = context.req.raw.signal.aborted ? [] : agentQueue.take();
    return context.json(taken.map(agentFrameOf), 200);
  });
  operation(
    api,
    "post",
    "/agent/reply",
    {
      summary: "Answer a UDP datagram that was taken.",
      body: z.strictObject({ port: z.string(), request: z.base64(), data: z.base64() }),
    },
    ({ body }) => {
      const reply = udpReply(Buffer.from(body.request, "base64"), Buffer.from(body.data, "base64"));
      if (reply === undefined) throw new ApiError(400, "request: expected a frame with a UDP datagram");
      const frame = new Frame(reply.length);
      frame.load(reply);
      sled.opte.toGuest(body.port, frame);
      sled.forwarder.guests.flush();
    },
  );
}

function agentFrameOf({ port, service, bytes }: AgentFrame): z.output<typeof agentFrame> {
  const udp = udpRequest(bytes);
  return {
    port,
    service,
    frame: Buffer.from(bytes).toString("base64"),
    udp:
      udp === undefined
        ? null
        : { destinationPort: udp.destinationPort, data: Buffer.from(udp.data).toString("base64") },
  };
}
