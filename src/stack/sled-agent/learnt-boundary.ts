import { z } from "zod";
import { WakeTimer, monotonicMs } from "../daemon/clock.ts";
import { type ApiTarget, requestApi } from "../daemon/request.ts";
import { vnis } from "../opte/engine/vpc/configuration.ts";
import type { Boundary } from "./engine/opte-state.ts";

/** How long ddmd is asked to hold an answer that is known already. */
const waitSeconds = 60;
const timeoutMs = 2 * waitSeconds * 1000;
/** After a failure it is asked again; each further time after twice as long. */
const retryMs = { first: 500, longest: 10_000 };

/** As `GET /tunnel_endpoints` of ddmd has it (docs/ddm.md). */
const tunnelRoutes = z.array(
  z.object({
    origin: z.object({ overlay_prefix: z.string(), boundary_addr: z.string(), vni: z.int() }),
    effective: z.boolean(),
  }),
);

/** The ways out of the rack that ddmd has learnt: it is asked once, and answers again when they are others. */
export class LearntBoundary implements Disposable {
  readonly #ddmd: ApiTarget;
  readonly #learnt: (boundary: readonly Boundary[]) => void;
  readonly #ended = new AbortController();
  readonly #timer = new WakeTimer(() => void this.#ask());
  #tag: string | undefined;
  #failures = 0;

  /** `learnt` is called with all of them, at first and after each change. */
  constructor(ddmd: ApiTarget, learnt: (boundary: readonly Boundary[]) => void) {
    this.#ddmd = ddmd;
    this.#learnt = learnt;
    void this.#ask();
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
    this.#timer[Symbol.dispose]();
  }

  async #ask(): Promise<void> {
    const headers = this.#tag === undefined ? {} : { "if-none-match": this.#tag, prefer: `wait=${waitSeconds}` };
    const { signal } = this.#ended;
    try {
      const request = { method: "GET", path: "/tunnel_endpoints", headers, timeoutMs, signal } as const;
      const { status, headers: answered, body } = await requestApi(this.#ddmd, request);
      if (status === 200) {
        this.#learnt(boundaryOf(tunnelRoutes.parse(JSON.parse(body))));
        this.#tag = answered["etag"];
      } else if (status !== 304) throw new Error(`status ${status}`);
      this.#failures = 0;
    } catch {
      // What was learnt stays: packets go on by it while ddmd is away.
      this.#failures += 1;
    }
    if (signal.aborted) return;
    const waitMs = this.#failures === 0 ? 0 : Math.min(retryMs.longest, retryMs.first * 2 ** (this.#failures - 1));
    this.#timer.set(monotonicMs() + waitMs);
  }
}

/** Those that OPTE is to use, by prefix. */
function boundaryOf(routes: z.output<typeof tunnelRoutes>): readonly Boundary[] {
  const endpoints = new Map<string, Set<string>>();
  for (const { origin, effective } of routes) {
    if (!effective || origin.vni !== vnis.boundary) continue;
    const { overlay_prefix: prefix, boundary_addr: endpoint } = origin;
    endpoints.set(prefix, (endpoints.get(prefix) ?? new Set()).add(endpoint));
  }
  return Array.from(endpoints, ([prefix, all]) => ({ prefix, endpoints: [...all].toSorted() }));
}
