import { isGiven } from "../engine/given.ts";
import { familyOf } from "../engine/ip-block.ts";
import { limits } from "../engine/limits.ts";
import type { RouteDestination, RouteRow, RouterRow, RouteTarget, VpcRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { requireFreeName } from "./lookup.ts";
import { identityChanges, type IdentityChange } from "./projects.ts";
import { invalid, limitReached } from "./refusals.ts";

interface Naming {
  readonly name: string;
  readonly description: string;
}

/** Make a router that subnets may have besides the system router. */
export function createRouter(store: Store, vpc: VpcRow, naming: Naming): RouterRow {
  const { routers } = store.tables;
  requireFreeName(routers, "vpc-router", { vpc_id: vpc.id, name: naming.name });
  if (routers.count({ vpc_id: vpc.id }) >= limits.routersPerVpc) {
    throw limitReached("vpc", "routers per VPC", limits.routersPerVpc);
  }
  return routers.insert({ ...store.newIdentity(naming), vpc_id: vpc.id, kind: "custom" });
}

/** Change a router. @throws ApiError (400) for a name that is taken */
export function updateRouter(store: Store, router: RouterRow, change: IdentityChange): RouterRow {
  const { routers } = store.tables;
  if (isGiven(change.name)) {
    requireFreeName(routers, "vpc-router", { vpc_id: router.vpc_id, name: change.name }, router.id);
  }
  const changes = identityChanges(store, change);
  routers.update({ id: router.id }, changes);
  return { ...router, ...changes };
}

/** Its subnets have it no longer. @throws ApiError (400) for the system router */
export function deleteRouter({ tables }: Store, router: RouterRow): void {
  if (router.kind === "system") throw invalid("router", "the system router of a VPC cannot be deleted");
  tables.subnets.update({ custom_router_id: router.id }, { custom_router_id: null });
  tables.routers.delete({ id: router.id });
}

/** Where a route's traffic comes from and goes to. */
export interface RouteWay {
  readonly destination: RouteDestination;
  readonly target: RouteTarget;
}

/** Make a route of a custom router. */
export function createRoute(
  store: Store,
  router: RouterRow,
  { destination, target, ...naming }: Naming & RouteWay,
): RouteRow {
  const { routes } = store.tables;
  if (router.kind === "system") throw invalid("router", "routes of the system router follow from the VPC's subnets");
  requireFreeName(routes, "vpc-router-route", { vpc_router_id: router.id, name: naming.name });
  if (routes.count({ vpc_router_id: router.id }) >= limits.routesPerRouter) {
    throw limitReached("router", "routes per router", limits.routesPerRouter);
  }
  requireWay({ destination, target });
  return routes.insert({
    ...store.newIdentity(naming),
    vpc_router_id: router.id,
    kind: "custom",
    destination,
    target,
  });
}

/** @throws ApiError (400) for a route that follows from a subnet, or another destination of a default route */
export function updateRoute(
  store: Store,
  route: RouteRow,
  { destination, target, ...change }: IdentityChange & RouteWay,
): RouteRow {
  const { routes } = store.tables;
  if (route.kind === "vpc_subnet" || route.kind === "vpc_peering") {
    throw invalid("route", `"${route.name}" follows from the VPC and cannot be changed`);
  }
  if (route.kind === "default" && JSON.stringify(destination) !== JSON.stringify(route.destination)) {
    throw invalid("destination", "that of a default route cannot be changed");
  }
  if (isGiven(change.name)) {
    requireFreeName(routes, "vpc-router-route", { vpc_router_id: route.vpc_router_id, name: change.name }, route.id);
  }
  requireWay({ destination, target });
  const changes = { ...identityChanges(store, change), destination, target };
  routes.update({ id: route.id }, changes);
  return { ...route, ...changes };
}

/** @throws ApiError (400) for a route that was not made by a user */
export function deleteRoute({ tables }: Store, route: RouteRow): void {
  if (route.kind !== "custom") throw invalid("route", `"${route.name}" is a route of kind ${route.kind}: it stays`);
  tables.routes.delete({ id: route.id });
}

/** @throws ApiError (400) for a way that no packet can take */
function requireWay({ destination, target }: RouteWay): void {
  if (destination.type === "vpc") throw invalid("destination.type", "routes to other VPCs are not supported");
  if (target.type === "vpc" || target.type === "subnet") {
    throw invalid("target.type", `a user's route cannot lead to a ${target.type}`);
  }
  if (destination.type === "subnet" || target.type !== "ip") return;
  if (familyOf(destination.value) !== familyOf(target.value)) {
    throw invalid("target.value", `${target.value} is of another family than ${destination.value}`);
  }
}
