import type { Command } from "commander";
import { z } from "zod";
import { textTable } from "../../../text/columns.ts";
import {
  counters,
  layerDump,
  layerValue,
  portCounters,
  portValue,
  tcpFlow,
  uftDump,
  underlayLink,
} from "../opted/api/values.ts";
import { sledState } from "../opted/sled-state.ts";
import { type OptedClient, portPath } from "./client.ts";
import {
  forwardingText,
  layerText,
  m2pText,
  portsText,
  subscriptionsText,
  uftText,
  v2bText,
  v2pText,
} from "./layout.ts";

interface PortOption {
  readonly port: string;
}

/** Commands that look at ports and tables. */
export function showCommands(program: Command, client: OptedClient): void {
  const ofPort = (name: string, description: string): Command =>
    program.command(name).description(description).requiredOption("-p, --port <port>", "the port");
  program
    .command("list-ports")
    .description("list the ports")
    .action(async () => {
      const ports = await client.get("/ports", z.array(portValue));
      client.show(ports, () => portsText(ports));
    });
  ofPort("list-layers", "list the layers of a port").action(async ({ port }: PortOption) => {
    const layers = await client.get(portPath(port, "layers"), z.array(layerValue));
    client.show(layers, () =>
      textTable(
        ["NAME", "RULES IN", "RULES OUT", "DEF IN", "DEF OUT", "FLOWS"],
        layers.map(({ name, rulesIn, rulesOut, defaultIn, defaultOut, flows }) => [
          ...[name, String(rulesIn), String(rulesOut), defaultIn, defaultOut, String(flows)],
        ]),
      ),
    );
  });
  ofPort("dump-layer", "show the flows and rules of a layer")
    .argument("<layer>", "gateway, firewall, router, nat or overlay")
    .action(async (layer: string, { port }: PortOption) => {
      const dump = await client.get(portPath(port, "layers", layer), layerDump);
      client.show(dump, () => layerText(port, layer, dump));
    });
  ofPort("dump-uft", "show the composed transforms of a port").action(async ({ port }: PortOption) => {
    const dump = await client.get(portPath(port, "uft"), uftDump);
    client.show(dump, () => uftText(dump));
  });
  ofPort("dump-tcp-flows", "show the TCP connections of a port").action(async ({ port }: PortOption) => {
    const flows = await client.get(portPath(port, "tcp-flows"), z.array(tcpFlow));
    client.show(flows, () =>
      textTable(
        ["FLOW", "STATE", "HITS", "SEGS IN", "SEGS OUT", "BYTES IN", "BYTES OUT"],
        flows.map(({ flow, state, hits, segmentsIn, segmentsOut, bytesIn, bytesOut }) => [
          ...[flow, state, ...[hits, segmentsIn, segmentsOut, bytesIn, bytesOut].map(String)],
        ]),
      ),
    );
  });
  tableCommands(program, client);
  counterCommands(program, client);
}

function tableCommands(program: Command, client: OptedClient): void {
  const { shape } = sledState;
  const dump = <Schema extends z.ZodType>(
    name: string,
    description: string,
    path: string,
    schema: Schema,
    text: (value: z.output<Schema>) => string,
  ): void => {
    program
      .command(name)
      .description(description)
      .action(async () => {
        const value = await client.get(path, schema);
        client.show(value, () => text(value));
      });
  };
  dump("dump-v2p", "show which sled each address lives on", "/v2p", shape.v2p, v2pText);
  dump("dump-v2b", "show which tunnel endpoints lead to which prefix", "/v2b", shape.v2b, v2bText);
  dump("dump-m2p", "show the underlay's groups of the overlay's", "/m2p", shape.m2p, m2pText);
  dump("dump-mcast-fwd", "show where groups are sent", "/multicast-forwarding", shape.forwarding, forwardingText);
  dump("dump-mcast-subs", "show who gets groups", "/multicast-subscriptions", shape.subscriptions, subscriptionsText);
  dump("show-xde-underlay", "show the links of the underlay", "/underlay", z.array(underlayLink), (links) =>
    textTable(
      ["LINK", "MTU", "MAC"],
      links.map(({ link, mtu, mac }) => [link, String(mtu), mac]),
    ),
  );
}

function counterCommands(program: Command, client: OptedClient): void {
  const text = (counted: z.output<typeof counters>): string =>
    textTable(
      ["COUNTER", "VALUE"],
      Object.entries(counted).map(([name, value]) => [name, String(value)]),
    );
  program
    .command("stats")
    .description("show what is counted for the sled, or for a port, its layers and its route cache")
    .option("-p, --port <port>", "the port")
    .action(async ({ port }: Partial<PortOption>) => {
      if (port === undefined) {
        const counted = await client.get("/counters", counters);
        client.show(counted, () => text(counted));
        return;
      }
      const counted = await client.get(portPath(port, "counters"), portCounters);
      client.show(counted, () => {
        const layers = Object.entries(counted.layers).map(([name, own]) => [`${port}_${name}`, own] as const);
        return [[port, counted.port] as const, ...layers, [`${port}_route_cache`, counted.routeCache] as const]
          .map(([name, own]) => `${name}\n${text(own)}`)
          .join("\n\n");
      });
    });
}
