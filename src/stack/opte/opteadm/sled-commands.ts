import type { Command } from "commander";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { probeLine, type ProbeLine } from "../opted/probe-event.ts";
import { sledState } from "../opted/sled-state.ts";
import { type OptedClient, portPath, print } from "./client.ts";
import { refusal } from "./values.ts";

/** Commands beyond the reference's: probes, everything at once, what a port's connections are. */
export function sledCommands(program: Command, client: OptedClient): void {
  program
    .command("probe")
    .description("show probes as they fire, until interrupted; without names all, with --json a line of JSON each")
    .argument("[names...]")
    .option("-p, --port <port>", "of this port alone")
    .option("--drops", "lost packets alone: layer, rule and reason of each")
    .action(async (names: string[], { port, drops }: { readonly port?: string; readonly drops?: true }) => {
      const query = new URLSearchParams({
        ...(names.length === 0 ? {} : { probes: names.join() }),
        ...(port === undefined ? {} : { port }),
        ...(drops === undefined ? {} : { drops: "true" }),
      });
      await client.stream(`/probes?${query.toString()}`, (line) => {
        print(client.isJson ? line : probeText(probeLine.parse(JSON.parse(line))));
      });
    });
  program
    .command("show-state")
    .description("show everything that the sled was told, as `apply` takes it")
    .action(async () => {
      const state = await client.get("/state", sledState);
      print(JSON.stringify(state, undefined, 2));
    });
  program
    .command("apply")
    .description("have the sled be as a file says (- for standard input) by the fewest changes; other flows go on")
    .argument("<file>")
    .action(async (file: string) => {
      const wanted = await readState(file);
      const result = await client.call("PUT", "/state", wanted, z.object({ changes: z.array(z.string()) }));
      client.show(result, () => (result.changes.length === 0 ? "nothing to change" : result.changes.join("\n")));
    });
  for (const state of ["start", "pause", "reset"] as const) {
    program
      .command(`${state}-port`)
      .description(`${state} a port`)
      .requiredOption("-p, --port <port>", "the port")
      .action(({ port }: { port: string }) => client.send("PUT", portPath(port, "state"), state));
  }
}

async function readState(file: string): Promise<unknown> {
  const found = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  const source = file === "-" ? "/dev/stdin" : file;
  try {
    return JSON.parse(await readFile(source, "utf8"));
  } catch (error) {
    throw refusal(file, found(error));
  }
}

/** `rule-deny opte0 out TCP:… layer=firewall rule=3 reason=rule`. */
function probeText({ probe, port, direction, flow, layer, rule, reason, detail }: ProbeLine): string {
  const named = { layer, rule, reason };
  return [
    ...[probe, port, direction, flow],
    ...Object.entries(named).map(([name, value]) => (value === undefined ? undefined : `${name}=${value}`)),
    reason === detail ? undefined : detail,
  ]
    .filter((part) => part !== undefined)
    .join(" ");
}
