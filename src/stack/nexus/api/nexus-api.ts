import type { OpenAPIHono } from "@hono/zod-openapi";
import { createApi, type ApiOptions } from "../../daemon/api.ts";
import { heldAnswers } from "../../daemon/held-answer.ts";
import { limits } from "../engine/limits.ts";
import { addressLotOperations, loopbackOperations } from "./address-lot-operations.ts";
import { bgpOperations, bgpStatusOperations } from "./bgp-operations.ts";
import { externalIpOperations, floatingIpOperations } from "./external-ip-operations.ts";
import { externalSubnetOperations } from "./external-subnet-operations.ts";
import { bfdOperations, fleetOperations } from "./fleet-operations.ts";
import { firewallOperations } from "./firewall-operations.ts";
import { gatewayOperations } from "./gateway-operations.ts";
import { hardwareOperations } from "./hardware-operations.ts";
import { instanceOperations } from "./instance-operations.ts";
import { interfaceOperations } from "./interface-operations.ts";
import { ipPoolOperations, siloIpPoolOperations } from "./ip-pool-operations.ts";
import type { ApiContext, Operations } from "./operation.ts";
import { portSettingsOperations, switchPortOperations } from "./port-settings-operations.ts";
import { probeOperations } from "./probe-operations.ts";
import { projectOperations } from "./project-operations.ts";
import { routeOperations, routerOperations } from "./router-operations.ts";
import { subnetOperations } from "./subnet-operations.ts";
import { subnetPoolOperations } from "./subnet-pool-operations.ts";
import { vpcOperations } from "./vpc-operations.ts";

const allOperations: readonly Operations[] = [
  projectOperations,
  vpcOperations,
  subnetOperations,
  routerOperations,
  routeOperations,
  firewallOperations,
  gatewayOperations,
  instanceOperations,
  interfaceOperations,
  floatingIpOperations,
  externalIpOperations,
  ipPoolOperations,
  siloIpPoolOperations,
  externalSubnetOperations,
  subnetPoolOperations,
  probeOperations,
  hardwareOperations,
  addressLotOperations,
  loopbackOperations,
  bgpOperations,
  bgpStatusOperations,
  bfdOperations,
  portSettingsOperations,
  switchPortOperations,
  fleetOperations,
];

/** The API of nexus: that of Oxide for networking, in the form that the client `@oxide/api` 0.9 speaks. */
export function createNexusApi(context: ApiContext, onRefusal: NonNullable<ApiOptions["onRefusal"]>): OpenAPIHono {
  const api = createApi({ bodyLimitBytes: limits.bodyBytes, onRefusal });
  // Who waits for an instance to run hears of it at once.
  api.use(
    "/v1/instances/:instance",
    heldAnswers(context.changes, () => context.revision()),
  );
  for (const operations of allOperations) operations(api, context);
  api.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "nexus", version: "2026073100.0.0" } });
  return api;
}
