import { z } from "zod";
import { type ApiAnswer, type ApiTarget, requestApi } from "../../daemon/request.ts";
import { addressText } from "../engine/route-key.ts";
import type { RouteSet } from "../engine/forwarding-plan.ts";
import type { NextHop, RouteChange } from "../engine/input-output.ts";
import type { ForwardingDriver, RouteFailure } from "./driver.ts";

/** Whose routes these are, in dpd. */
const tag = "ddmd";
const timeoutMs = 5000;
const pageSize = 500;
/** Requests under way at a time. */
const parallel = 8;

const target = z.object({
  tag: z.string(),
  port_id: z.string(),
  link_id: z.int(),
  tgt_ip: z.string(),
  vlan_id: z.int().nullish(),
});
type Target = z.output<typeof target>;
const page = z.object({
  items: z.array(z.object({ cidr: z.string(), targets: z.array(target) })),
  next_page: z.string().nullish(),
});

/** The routes of a switch, through dpd's API (section 4.3): single targets are added and deleted, never whole prefixes (Q4, Q5). */
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
    const queue = changes.values();
    const work = async (): Promise<void> => {
      for (const { destination, nextHops } of queue) {
        const reason = await this.#set(destination, nextHops);
        if (reason !== undefined) failures.push({ destination, reason });
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return failures;
  }

  /** Why a destination could not be made so; new targets come before old ones go, so that there is always one. */
  async #set(destination: string, hops: readonly NextHop[]): Promise<string | undefined> {
    const path = `/route/ipv6/${encodeURIComponent(destination)}`;
    const answer = await this.#request("GET", path);
    const present = answer.status === 404 ? [] : z.array(target).parse(JSON.parse(checked(answer).body));
    const installed = hopsOf(present);
    for (const hop of hops) {
      if (installed.some((other) => sameHop(hop, other))) continue;
      const wanted = targetOf(hop);
      if (wanted === undefined) return `${hop.link} is no interface of a switch port`;
      const { status, body } = await this.#request("POST", "/route/ipv6", {
        cidr: destination,
        target: wanted,
        replace: false,
      });
      if (status < 200 || status > 299) return `dpd answers ${status}: ${body.slice(0, 200)}`;
    }
    for (const old of present) {
      const [hop] = hopsOf([old]);
      if (hop === undefined || hops.some((wanted) => sameHop(wanted, hop))) continue;
      const single = `${path}/${old.port_id}/${old.link_id}/${encodeURIComponent(old.tgt_ip)}`;
      const { status, body } = await this.#request("DELETE", single);
      if (status !== 404 && (status < 200 || status > 299)) return `dpd answers ${status}: ${body.slice(0, 200)}`;
    }
    return undefined;
  }

  #request(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<ApiAnswer> {
    return requestApi(this.#dpd, { method, path, body, timeoutMs });
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

function sameHop(a: NextHop, b: NextHop): boolean {
  return a.link === b.link && a.address === b.address;
}

function checked(answer: ApiAnswer): ApiAnswer {
  if (answer.status !== 200) throw new Error(`dpd answers ${answer.status}: ${answer.body.slice(0, 200)}`);
  return answer;
}
