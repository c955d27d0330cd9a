import { z } from "zod";
import { type ApiAnswer, type ApiTarget, requestApi } from "../../daemon/request.ts";
import { addressText } from "../engine/route-key.ts";
import type { RouteSet } from "../engine/forwarding-plan.ts";
import type { NextHop, RouteChange } from "../engine/input-output.ts";
import type { ForwardingDriver, RouteFailure } from "./driver.ts";

/** Whose routes these are, in dpd. */
const tag = "ddmd";
const timeoutMs = 5000;
/** What each of many routes may take on top of it, milliseconds. */
const routeMs = 50;
const pageSize = 500;
/** Bytes of a request: dpd takes no more than 10 240. */
const portionBytes = 9_000;

const target = z.object({
  tag: z.string(),
  port_id: z.string(),
  link_id: z.int(),
  tgt_ip: z.string(),
  vlan_id: z.int().nullish(),
});
type Target = z.output<typeof target>;
/** All targets of ours that a prefix shall have. */
interface WantedRoute {
  readonly cidr: string;
  readonly targets: readonly Target[];
}
const refusals = z.object({ failures: z.array(z.object({ cidr: z.string(), message: z.string() })) });
const page = z.object({
  items: z.array(z.object({ cidr: z.string(), targets: z.array(target) })),
  next_page: z.string().nullish(),
});

/**
 * The routes of a switch, through dpd's API (section 4.3). Many go in one request, each with all its targets of ours, which dpd
 * adds before it deletes others of ours; never a whole prefix, which others may have targets of (Q4, Q5).
 */
export class DpdDriver implements ForwardingDriver {
  readonly #dpd: ApiTarget;

  constructor(dpd: ApiTarget) {
    this.#dpd = dpd;
  }

  async snapshot(): Promise<RouteSet> {
    const installed = new Map<string, readonly NextHop[]>();
    let token: string | undefined;
    do {
      const query = token === undefined ? "" : `&page_token=${encodeURIComponent(token)}`;
      const { items, next_page } = page.parse(
        JSON.parse(checked(await this.#request("GET", `/route/ipv6?limit=${pageSize}${query}`)).body),
      );
      for (const { cidr, targets } of items) {
        const hops = hopsOf(targets);
        if (hops.length > 0) installed.set(cidr, hops);
      }
      token = next_page ?? undefined;
    } while (token !== undefined);
    return installed;
  }

  async program(changes: readonly RouteChange[]): Promise<readonly RouteFailure[]> {
    const failures: RouteFailure[] = [];
    const wanted: WantedRoute[] = [];
    for (const { destination, nextHops } of changes) {
      const targets = nextHops.map((hop) => targetOf(hop));
      const unknown = nextHops[targets.indexOf(undefined)];
      if (unknown === undefined)
        wanted.push({ cidr: destination, targets: targets.filter((each) => each !== undefined) });
      else failures.push({ destination, reason: `${unknown.link} is no interface of a switch port` });
    }
    for (const routes of portions(wanted)) {
      const patience = timeoutMs + routes.length * routeMs;
      const answer = checked(await this.#request("PATCH", "/route/ipv6", { tag, routes }, patience));
      const refused = refusals.parse(JSON.parse(answer.body)).failures;
      failures.push(...refused.map(({ cidr, message }) => ({ destination: cidr, reason: `dpd: ${message}` })));
    }
    return failures;
  }

  #request(method: "GET" | "PATCH", path: string, body?: unknown, patience = timeoutMs): Promise<ApiAnswer> {
    return requestApi(this.#dpd, { method, path, body, timeoutMs: patience });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** This daemon's next hops among the targets of a route. */
function hopsOf(targets: readonly Target[]): readonly NextHop[] {
  return targets
    .filter((each) => each.tag === tag)
    .map(({ port_id, link_id, tgt_ip }) => ({
      link: `tfport${port_id}_${link_id}`,
      address: addressText(tgt_ip) ?? tgt_ip,
    }));
}

/** dpd's words for a next hop: the port that an interface stands for is in its name. */
function targetOf({ link, address }: NextHop): Target | undefined {
  const [, port, index] = /^tfport([a-z]+\d+)_(\d+)$/.exec(link) ?? [];
  if (port === undefined) return undefined;
  return { tag, port_id: port, link_id: Number(index), tgt_ip: address, vlan_id: null };
}

/** As many routes at a time as fit into a request. */
function* portions(routes: readonly WantedRoute[]): Generator<readonly WantedRoute[]> {
  let portion: WantedRoute[] = [];
  let bytes = 0;
  for (const route of routes) {
    const size = JSON.stringify(route).length + 1;
    if (portion.length > 0 && bytes + size > portionBytes) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(route);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

function checked(answer: ApiAnswer): ApiAnswer {
  if (answer.status !== 200) throw new Error(`dpd answers ${answer.status}: ${answer.body.slice(0, 200)}`);
  return answer;
}
