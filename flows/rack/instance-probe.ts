import { createInterface } from "node:readline";
import type { Running } from "../../src/guest/index.ts";
import { eventually, type FlowTestbed } from "../../src/index.ts";
import { instanceCommand } from "../../src/rack/index.ts";
import { resetsCommand } from "../underlay/fabric.ts";
import { outside, type RunningInstance, within } from "./boundary.ts";

/** Milliseconds between two echo requests. */
const intervalMs = 100;
const echoPort = 7007;

/** What an instance lost while something was broken. */
export interface InstanceLosses {
  /** Echo requests that were answered, and those before the last answer that were not. */
  readonly answered: number;
  readonly lost: number;
  /** The longest time between two answers in a row, less the interval, milliseconds. */
  readonly longestMs: number;
}

/**
 * An instance that sends echo requests to the internet all the time, and has a TCP connection to an echo server there, which has to
 * live through whatever happens.
 */
export class InstanceProbe implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #answers: { readonly sequence: number; readonly at: number }[] = [];
  #heard = "";
  #say: (words: string) => void = () => undefined;

  static async start(bed: FlowTestbed, instance: RunningInstance): Promise<InstanceProbe> {
    const probe = new InstanceProbe();
    const guest = await bed.node(instance.sled).guest();
    const serving = (await bed.node("internet").guest()).spawn(`socat TCP4-LISTEN:${echoPort},reuseaddr EXEC:cat`);
    probe.#endWith(serving);
    await bed.node("internet").until(`ss -4 -ltn | grep -q :${echoPort}`, { within });
    const talk = instanceCommand(instance.id, `exec socat - TCP4:${outside}:${echoPort}`);
    const talking = guest.spawn(talk, { stdin: true });
    talking.stdout.on("data", (bytes: Buffer) => (probe.#heard += bytes.toString()));
    probe.#say = (words) => talking.stdin.write(words);
    probe.#endWith(talking);
    const ping = ["ping", "-n", "-i", String(intervalMs / 1000), outside];
    const pinging = guest.spawn(instanceCommand(instance.id, ping));
    pinging.stderr.resume();
    probe.#endWith(pinging);
    createInterface({ input: pinging.stdout }).on("line", (line) => {
      const sequence = /icmp_seq=(\d+) ttl=/.exec(line)?.[1];
      if (sequence !== undefined) probe.#answers.push({ sequence: Number(sequence), at: performance.now() });
    });
    await probe.connectionLives("before");
    await probe.goesOn(20);
    return probe;
  }

  #endWith(running: Pick<Running, "kill" | "result">): void {
    this.#resources.defer(async () => {
      running.kill("SIGTERM");
      await running.result;
    });
  }

  /** Wait for so many answers more. */
  async goesOn(answers: number): Promise<void> {
    const enough = this.#answers.length + answers;
    await eventually(() => this.#answers.length >= enough, { what: `${answers} answers more`, within });
  }

  /** Wait until what is written to the connection now has come back. */
  async connectionLives(words: string): Promise<void> {
    this.#say(`${words}\n`);
    await eventually(() => this.#heard.endsWith(`${words}\n`), { what: `"${words}" comes back over TCP`, within });
  }

  /** Of all that was sent so far. */
  losses(): InstanceLosses {
    const first = this.#answers[0]?.sequence ?? 0;
    const last = Math.max(first, ...this.#answers.map(({ sequence }) => sequence));
    const gaps = this.#answers.slice(1).map(({ at }, index) => at - (this.#answers[index]?.at ?? at) - intervalMs);
    return {
      answered: this.#answers.length,
      lost: last - first + 1 - new Set(this.#answers.map(({ sequence }) => sequence)).size,
      longestMs: Math.round(Math.max(0, ...gaps)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** The resets of an instance's TCP. */
export function instanceResets(bed: FlowTestbed, { sled, id }: RunningInstance): Promise<string> {
  return bed.node(sled).ask(instanceCommand(id, resetsCommand));
}
