import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { monotonicMs } from "../../../daemon/clock.ts";
import { type PortSnapshot, restorePort, savePort } from "../../engine/vpc/port-snapshot.ts";
import { dumpLayer, dumpTcpFlows, dumpUft, listLayers } from "../../engine/vpc/port-views.ts";
import type { VpcPort } from "../../engine/vpc/vpc-port.ts";
import { portCountersOf } from "../counters.ts";
import { portSnapshot, sledPort } from "../sled-state.ts";
import type { ApiContext } from "./opted-api.ts";
import { operation } from "./operations.ts";
import {
  layerDump,
  layerValue,
  portCounters,
  portParameters,
  type PortValue,
  portValue,
  tcpFlow,
  uftDump,
} from "./values.ts";

const layerParameters = portParameters.extend({ layer: z.string() });

/** Ports: made, deleted, looked at; their flows cleared, saved, brought back. */
export function portOperations(api: OpenAPIHono, { sled, saved, forgetFlows }: ApiContext): void {
  const port = (name: string): VpcPort => sled.opte.port(name);
  operation(api, "get", "/ports", { summary: "All ports.", answer: z.array(portValue) }, () =>
    sled.records.map(({ port: each }) => portValueOf(each, sled.forwarder.guests.status(each.name))),
  );
  operation(
    api,
    "post",
    "/ports",
    { summary: "Create a port, attach its guest, start it.", body: sledPort },
    async ({ body }) => {
      await sled.createPort(body);
      await saved();
    },
  );
  operation(
    api,
    "delete",
    "/ports/{port}",
    { summary: "Delete a port with its flows.", params: portParameters },
    async ({ params }) => {
      await sled.deletePort(params.port);
      await forgetFlows(params.port);
      await saved();
    },
  );
  operation(
    api,
    "put",
    "/ports/{port}/state",
    { summary: "Start, pause or reset a port.", params: portParameters, body: z.enum(["start", "pause", "reset"]) },
    ({ params, body }) => {
      port(params.port).port[body]();
    },
  );
  operation(
    api,
    "get",
    "/ports/{port}/layers",
    { summary: "Layers in order.", params: portParameters, answer: z.array(layerValue) },
    ({ params }) => [...listLayers(port(params.port))],
  );
  operation(
    api,
    "get",
    "/ports/{port}/layers/{layer}",
    { summary: "Flows and rules of a layer.", params: layerParameters, answer: layerDump },
    ({ params }) => dumpLayer(port(params.port), params.layer) as z.output<typeof layerDump>,
  );
  operation(
    api,
    "delete",
    "/ports/{port}/layers/{layer}/flows",
    { summary: "Forget a layer's flows.", params: layerParameters },
    ({ params }) => {
      port(params.port).port.clearLft(params.layer);
    },
  );
  operation(
    api,
    "get",
    "/ports/{port}/uft",
    { summary: "Composed transforms.", params: portParameters, answer: uftDump },
    ({ params }) => dumpUft(port(params.port)) as z.output<typeof uftDump>,
  );
  operation(
    api,
    "delete",
    "/ports/{port}/uft",
    { summary: "Forget the composed transforms.", params: portParameters },
    ({ params }) => {
      port(params.port).port.clearUft();
    },
  );
  operation(
    api,
    "get",
    "/ports/{port}/tcp-flows",
    { summary: "TCP connections.", params: portParameters, answer: z.array(tcpFlow) },
    ({ params }) => [...dumpTcpFlows(port(params.port))] as z.output<typeof tcpFlow>[],
  );
  operation(
    api,
    "get",
    "/ports/{port}/counters",
    { summary: "What is counted at a port.", params: portParameters, answer: portCounters },
    ({ params }) => portCountersOf(sled.forwarder, port(params.port)),
  );
  operation(
    api,
    "get",
    "/ports/{port}/snapshot",
    { summary: "A port's connections, for another sled.", params: portParameters, answer: portSnapshot },
    ({ params }) => ({ ...savePort(port(params.port), monotonicMs()) }),
  );
  operation(
    api,
    "put",
    "/ports/{port}/snapshot",
    {
      summary: "Bring connections into a port that is ready and has none, and start it.",
      params: portParameters,
      body: portSnapshot,
      answer: z.strictObject({ restored: z.int(), skipped: z.int() }),
    },
    ({ params, body }) => {
      const target = port(params.port);
      const result = restorePort(target, body as unknown as PortSnapshot, monotonicMs());
      target.port.start();
      return { ...result };
    },
  );
}

function portValueOf(port: VpcPort, status: { readonly interface: string; readonly isAttached: boolean }): PortValue {
  const { identity } = port;
  const family = (version: 4 | 6): PortValue["ipv4"] => {
    const own = version === 4 ? identity.ipv4 : identity.ipv6;
    if (own === undefined) return null;
    const { snat, ephemeral, floating } = port.external(version);
    return {
      address: own.privateIp.text,
      ephemeral: ephemeral?.text ?? null,
      floating: floating.map(({ text }) => text),
      snat: snat === undefined ? null : `${snat.address.text}:${snat.pool.first}-${snat.pool.last}`,
    };
  };
  return {
    name: port.name,
    mac: identity.guestMac.text,
    vni: identity.vni,
    ipv4: family(4),
    ipv6: family(6),
    state: port.port.state,
    epoch: port.port.epoch,
    interface: status.interface,
    attached: status.isAttached,
  };
}
