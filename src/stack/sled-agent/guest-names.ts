import { z } from "zod";
import { dnsCodec, dnsPort } from "../../packet/index.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import { requestApi } from "../daemon/request.ts";
import { answerGuest } from "../directory/answer-guest.ts";
import type { GuestVpc } from "../directory/engine/guest-view.ts";
import type { NameResolver } from "../directory/name-resolver.ts";

/** How long opted is asked to wait for a frame, and how long after a failure it is asked again. */
const waitSeconds = 50;
const retryMs = 1000;
const timeoutMs = 120_000;

/** As `POST /agent/take` of opted has it (docs/opted.md). */
const agentFrames = z.array(
  z.object({
    port: z.string(),
    service: z.string(),
    frame: z.string(),
    udp: z.object({ destinationPort: z.int(), data: z.base64() }).nullable(),
  }),
);
type AgentFrame = z.output<typeof agentFrames>[number];

/** What guests' names are answered with. */
export interface GuestNamesOptions {
  /** opted's admin API. */
  readonly socketPath: string;
  readonly resolver: NameResolver;
  /** The VPC of a port of OPTE; undefined for a port that is gone, or whose VPC has no names. */
  readonly vpcOf: (port: string) => GuestVpc | undefined;
  readonly log: DaemonLog;
}

/** Answers the DNS queries that opted intercepts (RFD 63, "Internal DNS", steps 6 to 8). */
export class GuestNames implements Disposable {
  readonly #options: GuestNamesOptions;
  readonly #ended = new AbortController();
  readonly #timer = new WakeTimer(() => void this.#take());
  #hasFailed = false;

  constructor(options: GuestNamesOptions) {
    this.#options = options;
    void this.#take();
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
    this.#timer[Symbol.dispose]();
  }

  async #take(): Promise<void> {
    const { signal } = this.#ended;
    try {
      const path = `/agent/take?wait=${waitSeconds}`;
      const { status, body } = await this.#opted(path, undefined);
      if (status !== 200) throw new Error(`status ${status}`);
      this.#hasFailed = false;
      for (const frame of agentFrames.parse(JSON.parse(body))) {
        this.#answer(frame).catch((error: unknown) => {
          if (!signal.aborted) this.#options.log.debug({ port: frame.port, error: String(error) }, "not answered");
        });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!this.#hasFailed) this.#options.log.warn({ error: String(error) }, "opted gives no frames");
      this.#hasFailed = true;
    }
    if (!signal.aborted) this.#timer.set(monotonicMs() + (this.#hasFailed ? retryMs : 0));
  }

  async #answer({ port, service, frame, udp }: AgentFrame): Promise<void> {
    const vpc = this.#options.vpcOf(port);
    if (service !== "dns" || udp?.destinationPort !== dnsPort || vpc === undefined) return;
    const query = dnsCodec.decode(Buffer.from(udp.data, "base64"));
    if (typeof query === "string" || query.layer.response) return;
    const answer = await answerGuest(query.layer, vpc, (question) => this.#options.resolver.ask(question));
    const data = Buffer.from(dnsCodec.encode(answer)).toString("base64");
    const { status } = await this.#opted("/agent/reply", { port, request: frame, data });
    if (status !== 204) throw new Error(`status ${status}`);
  }

  #opted(path: string, body: object | undefined): ReturnType<typeof requestApi> {
    const { socketPath } = this.#options;
    return requestApi({ socketPath }, { method: "POST", path, body, timeoutMs, signal: this.#ended.signal });
  }
}
