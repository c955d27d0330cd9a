import { createRoute, z } from "@hono/zod-openapi";
import { heldAnswers } from "../../daemon/held-answer.ts";
import { isMulticastMac, zeroMac } from "../../../packet/index.ts";
import type { LinkChange } from "../engine/links.ts";
import { Refusal } from "../engine/refusal.ts";
import {
  linkAnswer,
  linkCreate,
  linkParameters,
  linkState,
  linkStates,
  linkValue,
  tfportAnswer,
  tfportValue,
} from "./link-values.ts";
import { answer, type ApiContext, done, jsonBody, type Operations } from "./operation.ts";
import { mac, macAnswer, macValue, pathPart } from "./values.ts";

const ofPort = z.object({ port_id: pathPart.port_id });
const ofLink = z.object({ port_id: pathPart.port_id, link_id: pathPart.link_id });
const onePath = "/ports/{port_id}/links/{link_id}";
const mark = z.object({ timestamp: z.int(), time: z.string(), link_state: z.enum(linkStates) });

/** Operations on ports and their links. */
export const linkOperations: Operations = (api, context) => {
  const { control } = context;
  const { links } = control.intent;

  const ports = createRoute({ method: "get", path: "/ports", responses: answer(z.array(z.string())) });
  api.openapi(ports, (c) =>
    c.json(
      links.ports.map(({ id }) => id),
      200,
    ),
  );

  const all = createRoute({ method: "get", path: "/links", responses: answer(z.array(linkAnswer)) });
  api.openapi(all, (c) =>
    c.json(
      links.all().map((link) => linkValue(link, context)),
      200,
    ),
  );

  const tfports = createRoute({ method: "get", path: "/links/tfport_data", responses: answer(z.array(tfportAnswer)) });
  api.use(
    tfports.path,
    heldAnswers(control.changes, () => links.all().map(tfportValue)),
  );
  api.openapi(tfports, (c) => c.json(links.all().map(tfportValue), 200));

  const ofOnePort = createRoute({
    method: "get",
    path: "/ports/{port_id}/links",
    request: { params: ofPort },
    responses: answer(z.array(linkAnswer)),
  });
  api.openapi(ofOnePort, (c) => {
    const { port_id } = c.req.valid("param");
    return c.json(
      links.of(port_id).map((link) => linkValue(link, context)),
      200,
    );
  });

  const create = createRoute({
    method: "post",
    path: "/ports/{port_id}/links",
    description:
      "Makes the link of a port. A qsfp port's is an uplink, without link-local address unless DDM may use it.",
    request: { params: ofPort, ...jsonBody(linkCreate) },
    responses: { 201: { description: "the link's id", content: { "application/json": { schema: z.int() } } } },
  });
  api.openapi(create, async (c) => {
    const { port_id } = c.req.valid("param");
    const body = c.req.valid("json");
    const link = await control.change((intent) => {
      const port = intent.links.port(port_id);
      if ((body.lane ?? 0) !== 0)
        throw new Refusal("busy", `port ${port.id} has one lane, and no lane ${body.lane ?? 0}`);
      return intent.links.create(port_id, linkParameters(body));
    });
    return c.json(link.linkId, 201);
  });

  const get = createRoute({ method: "get", path: onePath, request: { params: ofLink }, responses: answer(linkAnswer) });
  api.openapi(get, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    return c.json(linkValue(links.get(port_id, link_id), context), 200);
  });

  const remove = createRoute({ method: "delete", path: onePath, request: { params: ofLink }, responses: done });
  api.openapi(remove, async (c) => {
    const { port_id, link_id } = c.req.valid("param");
    await control.change((intent) => {
      intent.links.remove(port_id, link_id);
    });
    return c.body(null, 204);
  });

  attribute(api, context, "uplink", "uplink");
  attribute(api, context, "enabled", "enabled");
  attribute(api, context, "ipv6_enabled", "ipv6Enabled");
  attribute(api, context, "kr", "kr");
  attribute(api, context, "autoneg", "autoneg");
  attribute(api, context, "allow_ddm_traffic", "allowDdmTraffic");
  macOperations(api, context);
  stateOperations(api, context);
};

/** Something of a link that is true or false. */
function attribute(
  api: Parameters<Operations>[0],
  { control }: ApiContext,
  name: string,
  property: "uplink" | "enabled" | "ipv6Enabled" | "kr" | "autoneg" | "allowDdmTraffic",
): void {
  const path = `${onePath}/${name}`;
  const get = createRoute({ method: "get", path, request: { params: ofLink }, responses: answer(z.boolean()) });
  api.openapi(get, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    return c.json(control.intent.links.get(port_id, link_id)[property], 200);
  });
  const put = createRoute({
    method: "put",
    path,
    request: { params: ofLink, ...jsonBody(z.boolean()) },
    responses: done,
  });
  api.openapi(put, async (c) => {
    const change: LinkChange = { [property]: c.req.valid("json") };
    const { port_id, link_id } = c.req.valid("param");
    await control.change((intent) => intent.links.change(port_id, link_id, change));
    return c.body(null, 204);
  });
}

function macOperations(api: Parameters<Operations>[0], { control }: ApiContext): void {
  const path = `${onePath}/mac`;
  const get = createRoute({ method: "get", path, request: { params: ofLink }, responses: answer(macAnswer) });
  api.openapi(get, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    return c.json(macValue(control.intent.links.get(port_id, link_id).mac), 200);
  });
  const put = createRoute({
    method: "put",
    path,
    request: {
      params: ofLink,
      ...jsonBody(
        mac.refine(
          (address) => !isMulticastMac(address) && address !== zeroMac,
          "a: expected the address of one station",
        ),
      ),
    },
    responses: done,
  });
  api.openapi(put, async (c) => {
    const { port_id, link_id } = c.req.valid("param");
    const address = c.req.valid("json");
    await control.change((intent) => intent.links.change(port_id, link_id, { mac: address }));
    return c.body(null, 204);
  });
}

function stateOperations(api: Parameters<Operations>[0], context: ApiContext): void {
  const { control, links: monitor, configuration, timeText } = context;

  const linkup = createRoute({
    method: "get",
    path: `${onePath}/linkup`,
    request: { params: ofLink },
    responses: answer(z.boolean()),
  });
  api.openapi(linkup, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    return c.json(linkState(control.intent.links.get(port_id, link_id), context) === "up", 200);
  });

  const history = createRoute({
    method: "get",
    path: `${onePath}/history`,
    description: "Changes of the NIC's carrier, oldest first; `timestamp` in milliseconds since the daemon started.",
    request: { params: ofLink },
    responses: answer(z.object({ timestamp: z.int(), events: z.array(mark) })),
  });
  api.openapi(history, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    const { port } = control.intent.links.get(port_id, link_id);
    const name = configuration.ports.find(({ id }) => id === port.id)?.interface ?? "";
    const events = monitor.of(name).history.map(({ atMs, state }) => ({
      timestamp: Math.floor(atMs),
      time: timeText(atMs),
      link_state: state,
    }));
    return c.json({ timestamp: Math.floor(context.uptimeMs()), events }, 200);
  });

  const path = `${onePath}/fault`;
  const faultBody = z.object({ fault: z.string().max(1024) });
  const faultAnswer = z.object({ fault: z.string().nullable() });
  const getFault = createRoute({ method: "get", path, request: { params: ofLink }, responses: answer(faultAnswer) });
  api.openapi(getFault, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    return c.json({ fault: control.intent.links.get(port_id, link_id).fault ?? null }, 200);
  });
  const setFault = createRoute({
    method: "post",
    path,
    description: "Lets a link count as faulted; packets are not hindered.",
    request: { params: ofLink, ...jsonBody(faultBody) },
    responses: done,
  });
  api.openapi(setFault, async (c) => {
    const { port_id, link_id } = c.req.valid("param");
    const { fault } = c.req.valid("json");
    await control.change((intent) => intent.links.change(port_id, link_id, { fault }));
    return c.body(null, 204);
  });
  const clearFault = createRoute({ method: "delete", path, request: { params: ofLink }, responses: done });
  api.openapi(clearFault, async (c) => {
    const { port_id, link_id } = c.req.valid("param");
    await control.change((intent) => intent.links.change(port_id, link_id, { fault: undefined }));
    return c.body(null, 204);
  });
}
