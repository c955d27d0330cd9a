import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { buildP4Program } from "../../../src/p4/compiler/index.ts";
import {
  loadProgram,
  streamPort,
  SwitchControl,
  type RunningSwitch,
  runSwitch,
  swapProgram,
  ThriftClient,
} from "../../../src/p4/switch/index.ts";
import { assign, call, extract, hex, ProgramBuilder } from "./program-builder.ts";

/** Writes `mark` over the first byte of a packet whose second byte is in the table (or not), and sends it to port 1. */
function marking(mark: number): string {
  return new ProgramBuilder()
    .header("h", [
      ["mark", 8],
      ["key", 8],
    ])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("go", [], assign("h.mark", hex(mark)), assign("standard_metadata.egress_spec", hex(1)))
    .action("other", [], assign("h.mark", hex(0)), assign("standard_metadata.egress_spec", hex(1)))
    .table("ingress", "t", {
      key: [["exact", "h.key"]],
      actions: ["go", "other"],
    })
    .text();
}

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kestrel-swap-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

async function farEnd(path: string): Promise<{ readonly connected: Promise<Socket> }> {
  const server = createServer().listen(path);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return { connected: once(server, "connection").then(([socket]) => socket as Socket) };
}

async function start(
  text: string,
  enableSwap = true,
): Promise<{ running: RunningSwitch; client: ThriftClient; at: string }> {
  const at = await directory();
  const program = join(at, "program.json");
  await writeFile(program, text);
  const running = await runSwitch({
    program,
    ports: [],
    thriftPort: 0,
    thriftAddress: "127.0.0.1",
    deviceId: 0,
    enableSwap,
    dropPort: 511,
    priorityQueues: 1,
    seed: 1,
    log: () => undefined,
  });
  onTestFinished(() => running[Symbol.asyncDispose]());
  const client = await ThriftClient.connect(running.thriftPort);
  onTestFinished(() => {
    client[Symbol.dispose]();
  });
  return { running, client, at };
}

const framed = (packet: readonly number[]): Buffer => Buffer.of(0, 0, 0, packet.length, ...packet);

/** Takes frames out of a stream as they come. */
function frames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    for (
      ;
      rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0);
      rest = rest.subarray(4 + rest.readUInt32BE(0))
    ) {
      take(rest.subarray(4, 4 + rest.readUInt32BE(0)));
    }
  });
}

test("programs are swapped while packets flow: each goes through one of them, none is lost, entries are gone", async () => {
  const { running, client, at } = await start(marking(1));
  const [a, b] = [await farEnd(join(at, "a")), await farEnd(join(at, "b"))];
  await running.device.addPort(0, streamPort(join(at, "a")));
  await running.device.addPort(1, streamPort(join(at, "b")));
  const [from, to] = await Promise.all([a.connected, b.connected]);
  const key = [
    { type: 0, exact: { key: Buffer.of(7) }, lpm: undefined, ternary: undefined, valid: undefined, range: undefined },
  ];
  await client.call("bm_mt_add_entry", {
    cxt: 0,
    table: "t",
    key,
    action: "other",
    data: [],
    options: { priority: undefined },
  });
  // The next packet goes as the one before has come, so that packets flow all the time without piling up.
  const marks: number[] = [];
  let sent = 0;
  const send = (): void => {
    sent += 1;
    from.write(framed([0xff, 7]));
  };
  let flowing = true;
  frames(to, (frame) => {
    marks.push(frame[0] ?? -1);
    if (flowing) send();
  });
  for (let packet = 0; packet < 8; packet += 1) send();
  const seen = (mark: number) =>
    vi.waitFor(
      () => {
        expect(marks).toContain(mark);
      },
      { timeout: 30_000, interval: 1 },
    );
  await seen(0);
  const before = Buffer.from(await client.call("bm_get_config_md5", {})).toString("hex");
  for (const mark of [2, 3, 4, 5]) {
    const { swapped, md5 } = await swapProgram(client, marking(mark));
    expect(swapped).toBe(true);
    expect(md5).not.toBe(before);
    await seen(mark);
  }
  flowing = false;
  await vi.waitFor(
    () => {
      expect(marks.length).toBe(sent);
    },
    { timeout: 30_000, interval: 1 },
  );
  expect(marks).toEqual(marks.toSorted((x, y) => x - y));
  expect(new Set(marks)).toEqual(new Set([0, 2, 3, 4, 5]));
  expect(await client.call("bm_mt_get_num_entries", { cxt: 0, table: "t" })).toBe(0n);
  expect(running.device.control.engine.counters).toMatchObject({ received: sent, sent, inputDrops: 0 });
});

test("packets that wait in a queue leave through the old program at the swap, at once", async () => {
  const { running, client, at } = await start(marking(1));
  const [a, b] = [await farEnd(join(at, "a")), await farEnd(join(at, "b"))];
  await running.device.addPort(0, streamPort(join(at, "a")));
  await running.device.addPort(1, streamPort(join(at, "b")));
  const [from, to] = await Promise.all([a.connected, b.connected]);
  const marks: number[] = [];
  frames(to, (frame) => marks.push(frame[0] ?? -1));
  // One packet in a hundred seconds: the others would be waiting still when the test has ended.
  await client.call("set_egress_queue_rate", { port: 1, rate: 1n });
  running.device.control.setQueueRate(0.01, 1);
  from.write(Buffer.concat([framed([0xff, 1]), framed([0xff, 2]), framed([0xff, 3])]));
  const { engine } = running.device.control;
  await vi.waitFor(
    () => {
      expect(engine.queues.length).toBe(2);
    },
    { timeout: 30_000, interval: 1 },
  );
  await swapProgram(client, marking(2));
  await vi.waitFor(
    () => {
      expect(marks).toEqual([1, 1, 1]);
    },
    { timeout: 30_000, interval: 1 },
  );
});

test("packets on their way back to ingress end in the old program, and what goes round for ever is dropped", () => {
  const circling = (mark: number, rounds: "once" | "ever"): string =>
    new ProgramBuilder()
      .header("h", [["mark", 8]])
      .fieldList("h.mark")
      .parser({ start: { ops: [extract("h")] } })
      .deparser("h")
      .action("again", [], assign("h.mark", hex(mark)), call("recirculate", hex(1)))
      .action("go", [], assign("standard_metadata.egress_spec", hex(1)))
      .table("egress", "t", {
        key: [["exact", "h.mark"]],
        actions: ["again", "go"],
        more: {
          entries:
            rounds === "ever"
              ? []
              : [
                  {
                    match_key: [{ match_type: "exact", key: "0xaa" }],
                    action_entry: { action_id: 1, action_data: [] },
                    priority: 1,
                    source_info: {},
                  },
                ],
        },
      })
      .run("ingress", "in", "go")
      .text();
  for (const [rounds, left, dropped] of [
    ["once", ["aa", "aa"], 0],
    ["ever", [], 2],
  ] as const) {
    const sent: string[] = [];
    const send = (_port: number, bytes: Uint8Array, start: number, length: number): void => {
      sent.push(Buffer.from(bytes.subarray(start, start + length)).toString("hex"));
    };
    let now = 0;
    const control = new SwitchControl(
      loadProgram(circling(0xaa, rounds)),
      { send },
      { enableSwap: true, clock: () => now },
    );
    // Held back by a rate, so that it is still on its way when the program is swapped.
    control.setQueueRate(1, 1);
    const old = control.engine;
    for (const byte of [1, 2]) old.receive(0, Uint8Array.of(byte), 0, 1, now);
    now += 1;
    control.loadConfig(marking(9));
    control.swapConfigs();
    expect(old.queues.length).toBe(0);
    expect(control.engine).not.toBe(old);
    expect(control.engine.counters).toBe(old.counters);
    expect(sent).toEqual(left);
    expect(old.counters.inputDrops + old.counters.queueDrops).toBe(dropped);
  }
});

test("a program is not swapped for itself, nor for a wrong one, nor where swapping is disabled", async () => {
  const { client } = await start(marking(1));
  expect(await swapProgram(client, marking(1))).toMatchObject({ swapped: false });
  await expect(swapProgram(client, "{}")).rejects.toThrow("swap the program of the switch: ");
  expect(await client.call("bm_get_config", {})).toBe(marking(1));
  await client.call("bm_load_new_config", { text: marking(2) });
  await expect(swapProgram(client, marking(3))).rejects.toThrow("ONGOING_SWAP");
  // What waits answers for the switch already, and only has to be let in.
  expect(await swapProgram(client, marking(2))).toMatchObject({ swapped: true });
  const { client: fixed } = await start(marking(1), false);
  await expect(swapProgram(fixed, marking(2))).rejects.toMatchObject({
    explanation: { found: "CONFIG_SWAP_DISABLED", hint: "start the switch with `-- --enable-swap`" },
  });
});

test("a changed source is built and swapped in, and a wrong one leaves the switch alone", async () => {
  const at = await directory();
  const source = join(import.meta.dirname, "../programs/ipv4-router.p4");
  const { text, warnings } = await buildP4Program(source);
  expect(warnings).toEqual([]);
  const { client } = await start(marking(1));
  expect(await swapProgram(client, text)).toMatchObject({ swapped: true });
  const wrong = join(at, "wrong.p4");
  await writeFile(wrong, "control c() { apply { x = 1; y = 2; } }\n");
  await expect(buildP4Program(wrong)).rejects.toMatchObject({
    explanation: { kind: "input", step: "compile the P4 program", found: expect.stringMatching(/x[^]*y/) as string },
  });
  expect(await client.call("bm_get_config", {})).toBe(text);
});
