import { Agent, get } from "node:http";
import { nexusConfigurationSchema } from "../stack/nexus/configuration.ts";
import { runNexus } from "../stack/nexus/run-nexus.ts";
import { NexusRack } from "./nexus-rack.ts";

const [mode = "", ...numbers] = process.argv.slice(2);
const [first = 0, second = 0] = numbers.map(Number);
process.stdout.write(JSON.stringify(mode === "reads" ? await reads(first, second) : rack(first, second)));

/** Read one VPC after the other over HTTP; requests a second, server and clients in one process. */
async function reads(requests: number, connections: number): Promise<number> {
  const nothing = (): void => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const listen = { host: "127.0.0.1", port: 0 };
  const configuration = nexusConfigurationSchema.parse({ listen, database: ":memory:", seed: "bench", racks: [] });
  await using nexus = await runNexus(configuration, log);
  // In turn: a connection that is left idle is closed by the server after five seconds.
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  const base = `http://127.0.0.1:${nexus.port}`;
  await fetch(`${base}/v1/projects`, { method: "POST", body: JSON.stringify({ name: "p", description: "" }) });
  const read = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) await readOnce(`${base}/v1/vpcs/default?project=p`, agent);
  };
  const all = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: connections }, () => read(Math.ceil(count / connections))));
  await all(requests / 4);
  const startedAt = performance.now();
  await all(requests);
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return requests / seconds;
}

function readOnce(url: string, agent: Agent): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  get(url, { agent }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode ?? 0}`));
    response.resume();
    response.on("end", resolve);
  }).on("error", reject);
  return promise;
}

/** One change in a rack: how long it takes to see whom it concerns, and who that is. */
function rack(sleds: number, instances: number): object {
  const perProject = 16;
  const projects = instances / perProject;
  using simulated = new NexusRack(sleds, instances, perProject);
  const times: number[] = [];
  let touched = 0;
  let affected = 0;
  for (let at = 0; at < 10; at++) {
    const expected = simulated.changeFirewall(`p${Math.floor((at * projects) / 10)}`);
    const startedAt = performance.now();
    touched += simulated.keeper.refresh().length;
    times.push(performance.now() - startedAt);
    affected += expected.size;
  }
  return { times, touched, affected };
}
