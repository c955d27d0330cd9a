import { z } from "zod";
import type { ApiTarget } from "../daemon/request.ts";
import type { SledState } from "../nexus/sled-interface/sled-state.ts";
import { counters, linkCounters, portCounters } from "../opte/opted/api/values.ts";
import { askOpted } from "./ask-opted.ts";
import { optePortName } from "./engine/opte-state.ts";
import type { MeasuredSled } from "./engine/sled-metrics.ts";

/** Read all counters of a sled. Rejects when opted does not answer. */
export async function measureSled(opted: ApiTarget, desired: SledState | undefined): Promise<MeasuredSled> {
  const states = desired?.ports ?? [];
  const [sled, carried, counted] = await Promise.all([
    askOpted(opted, "/counters", counters),
    askOpted(opted, "/links", z.array(linkCounters)),
    Promise.all(states.map(({ id }) => askOpted(opted, `/ports/${optePortName(id)}/counters`, portCounters))),
  ]);
  const links = carried ?? [];
  return {
    instances: desired?.instances ?? [],
    ports: states.map((state, index) => ({
      state,
      counters: counted[index],
      link: links.find(({ port }) => port === optePortName(state.id)),
    })),
    sled: sled ?? {},
    links: new Map(links.filter(({ port }) => port === null).map((link) => [link.link, link])),
  };
}
