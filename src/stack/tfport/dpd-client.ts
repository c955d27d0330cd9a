import { z } from "zod";
import { formatMac, parseMac } from "../../packet/index.ts";
import { type ApiAnswer, type ApiRequest, requestApi } from "../daemon/request.ts";
import type { MirroredNeighbour, MirrorOperation } from "./engine/neighbour-mirror.ts";

/** A port that dpd says needs an interface. */
export interface DpdPort {
  /** `rear0`, `qsfp3`. */
  readonly portId: string;
  readonly linkId: number;
  /** The switch's number of the port. */
  readonly number: number;
  readonly mac: string;
  /** Its IPv6 link-local address; absent if it is to have none. */
  readonly linkLocal: string | undefined;
}

const macSchema = z.object({ a: z.array(z.int().min(0).max(255)).length(6) });
const mac = z.union([macSchema.transform(({ a }) => formatMac(Uint8Array.from(a))), z.string()]);

const portsSchema = z.array(
  z
    .object({
      port_id: z.string(),
      link_id: z.int(),
      asic_id: z.int(),
      mac,
      link_local: z.string().nullish(),
      ipv6_enabled: z.boolean(),
    })
    .transform(({ port_id, link_id, asic_id, mac: address, link_local, ipv6_enabled }): DpdPort => ({
      portId: port_id,
      linkId: link_id,
      number: asic_id,
      mac: address,
      linkLocal: ipv6_enabled ? (link_local ?? undefined) : undefined,
    })),
);

const neighboursSchema = z.object({
  items: z.array(z.object({ tag: z.string(), ip: z.string(), mac })),
  next_page: z.string().nullish(),
});

/** dpd answered, and did not do what was asked. */
export class DpdRefusal extends Error {
  readonly status: number;

  constructor(request: string, status: number, body: string) {
    super(`${request}: dpd answered ${status}: ${body.slice(0, 200)}`);
    this.name = "DpdRefusal";
    this.status = status;
  }
}

const timeoutMs = 5000;
const pageItems = 1000;

/** Which ports there are, and the tag of that answer. */
export interface PortsAnswer {
  readonly ports: readonly DpdPort[];
  readonly tag: string;
}

/** The operations of dpd's API that tfportd needs. They reject with a {@link DpdRefusal}, or when dpd cannot be reached. */
export class DpdClient {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #tag: string;

  /** `tag` names the owner of what is made. */
  constructor(address: { readonly host: string; readonly port: number }, tag: string) {
    this.#address = address;
    this.#tag = tag;
  }

  /** Milliseconds since dpd started. */
  async uptime(): Promise<number> {
    return z.number().parse(await this.#get("/dpd-uptime"));
  }

  /** Wait for other ports than those of an earlier answer; undefined if there are none after so many milliseconds. */
  async nextPorts(
    before: PortsAnswer | undefined,
    withinMs: number,
    signal: AbortSignal,
  ): Promise<PortsAnswer | undefined> {
    const headers =
      before === undefined || before.tag === ""
        ? {}
        : { "if-none-match": before.tag, prefer: `wait=${withinMs / 1000}` };
    const request = { method: "GET", path: "/links/tfport_data", headers, signal } as const;
    const {
      status,
      body,
      headers: described,
    } = await this.#ask({ ...request, timeoutMs: timeoutMs + withinMs }, [200, 304]);
    if (status === 304) return undefined;
    return { ports: portsSchema.parse(JSON.parse(body)), tag: described["etag"] ?? "" };
  }

  /** All neighbours, whoever made them. */
  async neighbours(): Promise<readonly MirroredNeighbour[]> {
    const all: MirroredNeighbour[] = [];
    for (const table of ["arp", "ndp"]) {
      let token = "";
      do {
        const { items, next_page } = neighboursSchema.parse(
          await this.#get(`/${table}?limit=${pageItems}${token === "" ? "" : `&page_token=${token}`}`),
        );
        all.push(...items);
        token = encodeURIComponent(next_page ?? "");
      } while (token !== "");
    }
    return all;
  }

  async apply(operation: MirrorOperation): Promise<void> {
    const { ip } = operation;
    const table = ip.includes(":") ? "/ndp" : "/arp";
    if (operation.operation === "set") {
      const body = { tag: this.#tag, ip, mac: { a: [...parseMac(operation.mac)] }, update: "" };
      await this.#ask({ method: "POST", path: table, body, timeoutMs }, [204, 200, 201]);
    } else {
      await this.#ask({ method: "DELETE", path: `${table}/${ip}`, timeoutMs }, [204, 200, 404]);
    }
  }

  async #get(path: string): Promise<unknown> {
    return JSON.parse((await this.#ask({ method: "GET", path, timeoutMs }, [200])).body) as unknown;
  }

  async #ask(request: ApiRequest, expected: readonly number[]): Promise<ApiAnswer> {
    const answer = await requestApi(this.#address, request);
    const { status, body } = answer;
    if (!expected.includes(status)) throw new DpdRefusal(`${request.method} ${request.path}`, status, body);
    return answer;
  }
}
