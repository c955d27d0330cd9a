import { createRoute, z } from "@hono/zod-openapi";
import type { PortSettings } from "../engine/port-settings.ts";
import { linkCreate, linkCreateAnswer, linkCreateValue, linkParameters } from "./link-values.ts";
import { answer, done, jsonBody, type Operations } from "./operation.ts";
import { pathPart, tag, tagQuery, unicastAddress } from "./values.ts";

const settingsBody = z.object({
  links: z.record(
    z.string().regex(/^\d{1,3}$/, "expected a link's number"),
    z.object({ params: linkCreate, addrs: z.array(unicastAddress).max(511) }),
  ),
});
const settingsAnswer = z.object({
  links: z.record(z.string(), z.object({ params: linkCreateAnswer, addrs: z.array(z.string()) })),
});

/** Operations on ports as wholes, and on everything of an owner. */
export const settingsOperations: Operations = (api, { control }) => {
  const path = "/port/{port_id}/settings";
  const params = z.object({ port_id: pathPart.port_id });

  const get = createRoute({
    method: "get",
    path,
    request: { params, query: tagQuery },
    responses: answer(settingsAnswer),
  });
  api.openapi(get, (c) => {
    const { port_id } = c.req.valid("param");
    return c.json(settingsValue(control.intent.settings.get(port_id, c.req.valid("query").tag)), 200);
  });

  const post = createRoute({
    method: "post",
    path,
    description:
      "Lets the port have exactly these links, and of the tag's addresses (without a tag: of all) exactly these. Happens wholly or not at all.",
    request: { params, query: tagQuery, ...jsonBody(settingsBody) },
    responses: answer(settingsAnswer),
  });
  api.openapi(post, async (c) => {
    const { port_id } = c.req.valid("param");
    const { tag: owner } = c.req.valid("query");
    const settings: PortSettings = new Map(
      Object.entries(c.req.valid("json").links).map(([linkId, link]) => [
        Number(linkId),
        { parameters: linkParameters(link.params), addresses: link.addrs },
      ]),
    );
    const after = await control.change((intent) => {
      intent.settings.set(port_id, settings, owner);
      return intent.settings.get(port_id, owner);
    });
    return c.json(settingsValue(after), 200);
  });

  const clear = createRoute({
    method: "delete",
    path,
    description: "Removes the port's links with all their addresses.",
    request: { params, query: tagQuery },
    responses: answer(settingsAnswer),
  });
  api.openapi(clear, async (c) => {
    const { port_id } = c.req.valid("param");
    const { tag: owner } = c.req.valid("query");
    await control.change((intent) => {
      intent.settings.set(port_id, new Map(), owner);
    });
    return c.json({ links: {} }, 200);
  });

  const all = createRoute({
    method: "get",
    path: "/all-settings",
    description: "The settings of all ports.",
    request: { query: tagQuery },
    responses: answer(z.record(z.string(), settingsAnswer)),
  });
  api.openapi(all, (c) => {
    const { tag: owner } = c.req.valid("query");
    const { links, settings } = control.intent;
    return c.json(Object.fromEntries(links.ports.map(({ id }) => [id, settingsValue(settings.get(id, owner))])), 200);
  });

  const reset = createRoute({
    method: "delete",
    path: "/all-settings",
    description: "Removes everything; what the configuration gives the switch is there again.",
    responses: done,
  });
  api.openapi(reset, async (c) => {
    await control.change((intent) => {
      intent.reset();
    });
    return c.body(null, 204);
  });

  const resetTag = createRoute({
    method: "delete",
    path: "/all-settings/{tag}",
    description: "Removes what this owner set: targets of routes, MAC addresses of next hops, addresses.",
    request: { params: z.object({ tag }) },
    responses: done,
  });
  api.openapi(resetTag, async (c) => {
    const { tag: owner } = c.req.valid("param");
    await control.change((intent) => {
      intent.removeTag(owner);
    });
    return c.body(null, 204);
  });
};

function settingsValue(settings: PortSettings): z.output<typeof settingsAnswer> {
  return {
    links: Object.fromEntries(
      [...settings].map(([linkId, { parameters, addresses }]) => [
        String(linkId),
        { params: linkCreateValue(parameters), addrs: [...addresses] },
      ]),
    ),
  };
}
