import { z } from "@hono/zod-openapi";
import type { RouteRow, RouterRow } from "../engine/rows.ts";
import { isId, ofVpc, type ParentQuery, vpcOf, within } from "../resources/lookup.ts";
import { invalid } from "../resources/refusals.ts";
import {
  createRoute,
  createRouter,
  deleteRoute,
  deleteRouter,
  updateRoute,
  updateRouter,
} from "../resources/routers.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { identity, identityCreate, identityUpdate, inVpc, ip, ipNet, maybeInVpc, name, nameOrId } from "./values.ts";

const router = z.object({ ...identity, vpc_id: z.string(), kind: z.enum(["system", "custom"]) }).openapi("VpcRouter");
const destination = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("ip"), value: ip }),
    z.strictObject({ type: z.literal("ip_net"), value: ipNet }),
    z.strictObject({ type: z.literal("vpc"), value: name }),
    z.strictObject({ type: z.literal("subnet"), value: name }),
  ])
  .openapi("RouteDestination");
const target = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("ip"), value: ip }),
    z.strictObject({ type: z.literal("vpc"), value: name }),
    z.strictObject({ type: z.literal("subnet"), value: name }),
    z.strictObject({ type: z.literal("instance"), value: name }),
    z.strictObject({ type: z.literal("internet_gateway"), value: name }),
    z.strictObject({ type: z.literal("drop") }),
  ])
  .openapi("RouteTarget");
const reference = z.object({ type: z.string(), value: z.string().optional() });
const route = z
  .object({
    ...identity,
    vpc_router_id: z.string(),
    kind: z.enum(["default", "vpc_subnet", "vpc_peering", "custom"]),
    destination: reference,
    target: reference,
  })
  .openapi("RouterRoute");

/** Operations on the routers of a VPC. */
export const routerOperations: Operations = (api, context) => {
  const { store } = context;
  const { routers } = store.tables;
  const show = (row: RouterRow): z.input<typeof router> => view(router, row);
  const find = (value: string, query: ParentQuery): RouterRow =>
    ofVpc(store, routers, "vpc-router", { field: "router", value }, query);
  const path = "/v1/vpc-routers";
  const one = { path: `${path}/{router}`, params: z.strictObject({ router: nameOrId }), query: maybeInVpc };
  operation(
    api,
    context,
    {
      id: "vpc_router_list",
      method: "get",
      path,
      summary: "List routers",
      query: inVpc.extend(pageByName),
      answer: pageOf(router),
    },
    ({ query }) => pageRows(routers, { vpc_id: vpcOf(store, query.vpc, query.project).id }, query, show),
  );
  operation(
    api,
    context,
    {
      id: "vpc_router_create",
      method: "post",
      path,
      summary: "Create VPC router",
      query: inVpc,
      body: z.strictObject(identityCreate),
      answer: router,
      status: 201,
    },
    ({ query, body }) => show(createRouter(store, vpcOf(store, query.vpc, query.project), body)),
  );
  operation(
    api,
    context,
    { ...one, id: "vpc_router_view", method: "get", summary: "Fetch router", answer: router },
    ({ params, query }) => show(find(params.router, query)),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "vpc_router_update",
      method: "put",
      summary: "Update router",
      body: z.strictObject(identityUpdate),
      answer: router,
    },
    ({ params, query, body }) => show(updateRouter(store, find(params.router, query), body)),
  );
  operation(
    api,
    context,
    { ...one, id: "vpc_router_delete", method: "delete", summary: "Delete router" },
    ({ params, query }) => {
      deleteRouter(store, find(params.router, query));
    },
  );
};

/** The query of what a router's name may be needed for. */
const maybeInRouter = maybeInVpc.extend({ router: nameOrId.optional() });
const inRouter = maybeInVpc.extend({ router: nameOrId });

/** Operations on routes. */
export const routeOperations: Operations = (api, context) => {
  const { store } = context;
  const { routers, routes } = store.tables;
  const show = (row: RouteRow): z.input<typeof route> => view(route, row);
  const routerOf = (value: string, query: ParentQuery): RouterRow =>
    ofVpc(store, routers, "vpc-router", { field: "router", value }, query);
  const find = (value: string, query: z.output<typeof maybeInRouter>): RouteRow => {
    for (const field of ["project", "vpc"] as const) {
      if (isId(value) && query[field] !== undefined) {
        throw invalid(field, `when providing route as an ID, ${field} should not be specified`);
      }
    }
    const selector = { field: "route", value, parentField: "router", parent: query.router };
    return within(routes, "vpc-router-route", selector, (parent) => ({ vpc_router_id: routerOf(parent, query).id }));
  };
  const path = "/v1/vpc-router-routes";
  const one = { path: `${path}/{route}`, params: z.strictObject({ route: nameOrId }), query: maybeInRouter };
  operation(
    api,
    context,
    {
      id: "vpc_router_route_list",
      method: "get",
      path,
      summary: "List routes",
      query: inRouter.extend(pageByName),
      answer: pageOf(route),
    },
    ({ query }) => pageRows(routes, { vpc_router_id: routerOf(query.router, query).id }, query, show),
  );
  operation(
    api,
    context,
    {
      id: "vpc_router_route_create",
      method: "post",
      path,
      summary: "Create route",
      query: inRouter,
      body: z.strictObject({ ...identityCreate, destination, target }),
      answer: route,
      status: 201,
    },
    ({ query, body }) => show(createRoute(store, routerOf(query.router, query), body)),
  );
  operation(
    api,
    context,
    { ...one, id: "vpc_router_route_view", method: "get", summary: "Fetch route", answer: route },
    ({ params, query }) => show(find(params.route, query)),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "vpc_router_route_update",
      method: "put",
      summary: "Update route",
      body: z.strictObject({ ...identityUpdate, destination, target }),
      answer: route,
    },
    ({ params, query, body }) => show(updateRoute(store, find(params.route, query), body)),
  );
  operation(
    api,
    context,
    { ...one, id: "vpc_router_route_delete", method: "delete", summary: "Delete route" },
    ({ params, query }) => {
      deleteRoute(store, find(params.route, query));
    },
  );
};
