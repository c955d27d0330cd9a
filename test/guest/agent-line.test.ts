import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Connection } from "../../src/channel/index.ts";
import { agentHello, hostHello, parkedLine } from "../../src/guest/index.ts";

/** An agent that serves one descriptor and does nothing to the machine unless it is asked to. */
class BareAgent implements AsyncDisposable {
  readonly line: Socket;
  readonly ended: Promise<unknown[]>;
  words = "";
  readonly #kill: () => void;

  constructor(program: string) {
    const child = spawn(program, ["3"], { stdio: ["ignore", "pipe", "pipe", "pipe"], env: {} });
    this.line = child.stdio[3] as Socket;
    this.line.on("error", () => undefined);
    this.ended = once(child, "exit");
    child.stderr?.on("data", (chunk: Buffer) => (this.words += chunk.toString()));
    this.#kill = () => child.kill("SIGKILL");
  }

  /** Everything that it says until `text` is at the end of it. */
  async saysUntil(text: string): Promise<void> {
    let said = "";
    while (!said.endsWith(text)) {
      const chunk = this.line.read(1) as Buffer | null;
      if (chunk === null) await once(this.line, "readable");
      else said += chunk.toString("latin1");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.ended;
  }
}

describe("the line between an agent and its host, under the sanitizers", () => {
  let directory: string;
  let program: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kestrel-agent-test-"));
    program = join(directory, "agent");
    await compileSanitized(program);
  }, 120_000);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test("is greeted in pieces of any size, whatever came before", { timeout: 60_000 }, async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.string(), async (sizes, noise) => {
        await using agent = new BareAgent(program);
        await agent.saysUntil(parkedLine);
        const words = Buffer.from(noise + hostHello);
        for (let at = 0, turn = 0; at < words.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          agent.line.write(words.subarray(at, at + size));
          at += size;
        }
        await agent.saysUntil(agentHello);
        const host = new Connection(agent.line);
        expect(await host.request("ping")).toBeNull();
        host.close();
        await agent.ended;
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  test("carries frames that come in one piece with the greeting", async () => {
    await using agent = new BareAgent(program);
    await agent.saysUntil(parkedLine);
    agent.line.write(Buffer.concat([Buffer.from(hostHello), openFrame(1, { method: "ping" })]));
    await agent.saysUntil(agentHello);
    await agent.saysUntil('{"result":null}');
  });

  test("ends for an agent whose host goes away before it said hello", async () => {
    await using agent = new BareAgent(program);
    await agent.saysUntil(parkedLine);
    agent.line.end("kestrel-host");
    await agent.ended;
  });

  test("is closed by what is no frame, and nothing of it is done", { timeout: 300_000 }, async () => {
    const junk = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      // Whole frames with any type and payload, on any channel.
      fc.tuple(fc.nat(40), fc.nat(3), fc.uint8Array({ maxLength: 60 })).map(([type, channel, payload]) => {
        const frame = Buffer.alloc(9 + payload.length);
        frame.writeUInt32BE(5 + payload.length, 0);
        frame.writeUInt32BE(channel, 4);
        frame[8] = type;
        frame.set(payload, 9);
        return frame;
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { minLength: 1, maxLength: 6 }), async (chunks) => {
        await using agent = new BareAgent(program);
        await agent.saysUntil(parkedLine);
        agent.line.write(Buffer.concat([Buffer.from(hostHello), openFrame(1, { method: "ping" }), ...chunks]));
        agent.line.end();
        agent.line.resume();
        const [code, signal] = await agent.ended;
        expect({
          code,
          signal,
          words: agent.words.replace("kestrel-agent: the host sent what is no frame\n", ""),
        }).toEqual({
          code: 0,
          signal: null,
          words: "",
        });
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  test("refuses methods that it does not have, by name", async () => {
    await using agent = new BareAgent(program);
    await agent.saysUntil(parkedLine);
    agent.line.write(hostHello);
    await agent.saysUntil(agentHello);
    const host = new Connection(agent.line);
    await expect(host.request("no-such-method")).rejects.toThrow("no-such-method");
    host.close();
    await agent.ended;
  });
});

/** The agent with the compiler's checks for memory errors and undefined behaviour, which end it with words. */
async function compileSanitized(program: string): Promise<void> {
  const options = [
    "-std=c17",
    "-D_GNU_SOURCE",
    "-g",
    "-O1",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
  ];
  const directory = join(import.meta.dirname, "../../src/guest/agent");
  await execa("gcc", [...options, "-o", program, ...globSync("*.c", { cwd: directory })], { cwd: directory });
}

/** An OPEN frame (src/channel/frame.ts). */
function openFrame(channel: number, request: object): Buffer {
  const text = Buffer.from(JSON.stringify(request));
  const header = Buffer.alloc(9);
  header.writeUInt32BE(5 + text.length, 0);
  header.writeUInt32BE(channel, 4);
  header[8] = 1;
  return Buffer.concat([header, text]);
}
