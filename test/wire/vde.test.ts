import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { numberedFrame, numberOf } from "./frames.ts";
import { portOf, test } from "./panel-fixture.ts";

const hasVde = spawnSync("vde_plug", ["--help"]).error === undefined;

/** An Ethernet frame from one locally administered address to all. */
function broadcast(number: number, sender: number): Buffer {
  const frame = Buffer.alloc(64, number);
  frame.fill(0xff, 0, 6);
  frame.set([2, 0, 0, 0, 0, sender], 6);
  frame.writeUInt16BE(0x88b5, 12);
  return frame;
}

async function childrenOf(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ").filter(Boolean).map(Number);
}

describe.skipIf(!hasVde)("a VDE segment", () => {
  test("switches between its legs and whoever else plugs in, and leaves nothing behind", async ({ wiring }) => {
    await wiring.panel.configure({
      ports: ["a", "b"].map((node) => ({ node, port: "net0" })),
      segments: [{ name: "lan", vde: true }],
      wires: ["a", "b"].map((node) => ({ name: `leg-${node}`, ends: [portOf(node), { segment: "lan" }] as const })),
    });
    const [a, b] = [await wiring.connect("a"), await wiring.connect("b")];
    const control = join(wiring.directory, "vde", "lan");
    const plug = spawn("vde_plug", [control]);
    const outside = once(plug.stdout, "data", { signal: AbortSignal.timeout(30_000) });
    // A switch floods only to plugs that have arrived, which nothing announces: send until all have it.
    const [first] = await repeatUntil(
      () => {
        a.send(broadcast(1, 1));
      },
      Promise.all([outside, b.received(1)]),
    );
    const [bytes] = first as [Buffer];
    expect(bytes.readUInt16BE(0)).toBe(64);
    expect(bytes.subarray(2, 66)).toEqual(broadcast(1, 1));
    const before = a.frames.length;
    const header = Buffer.from([0, 64]);
    plug.stdin.write(Buffer.concat([header, broadcast(2, 2), header, broadcast(3, 3)]));
    await a.received(before + 2);
    expect(a.frames.slice(before)).toEqual([broadcast(2, 2), broadcast(3, 3)]);
    plug.kill("SIGKILL");
    const children = await childrenOf(wiring.panel.pid);
    expect(children).toHaveLength(3);
    await wiring.panel.close();
    await gone(children);
    expect(existsSync(join(wiring.directory, "w", "a.net0"))).toBe(false);
  });

  test("dies with a panel that is killed", async ({ wiring }) => {
    await wiring.panel.configure({
      ports: [{ node: "a", port: "net0" }],
      segments: [{ name: "lan", vde: true }],
      wires: [{ name: "leg", ends: [portOf("a"), { segment: "lan" }] }],
    });
    const children = await childrenOf(wiring.panel.pid);
    process.kill(wiring.panel.pid, "SIGKILL");
    await wiring.panel.ended;
    await gone(children);
  });

  test("says so when the switch is not there", async ({ wiring }) => {
    const events = wiring.panel.events(AbortSignal.timeout(30_000))[Symbol.asyncIterator]();
    const failed = events.next();
    await wiring.panel.configure({
      ports: [{ node: "a", port: "net0" }],
      segments: [{ name: "lan", vde: { controlDirectory: join(wiring.directory, "nothing") } }],
      wires: [{ name: "leg", ends: [portOf("a"), { segment: "lan" }] }],
    });
    expect((await failed).value).toMatchObject({ type: "segment-failed", segment: "lan", wire: "leg" });
    expect(await readdir(join(wiring.directory, "w"))).toEqual(["a.net0"]);
    const sequence = await wiring.panel.inject("leg", "aToB", numberedFrame(1));
    const { records } = await wiring.panel.read({ since: sequence });
    expect(records.map(({ frame, fate }) => [numberOf(frame), fate])).toEqual([[1, "absent"]]);
  });
});

async function repeatUntil<T>(act: () => void, done: Promise<T>): Promise<T> {
  const timer = setInterval(act, 5);
  try {
    return await done;
  } finally {
    clearInterval(timer);
  }
}

/** Wait until the processes have ended (the executable of a zombie cannot be read). */
async function gone(pids: readonly number[]): Promise<void> {
  const left = (): number[] => pids.filter((pid) => existsSync(`/proc/${pid}/exe`));
  const deadline = performance.now() + 20_000;
  while (left().length > 0) {
    if (performance.now() > deadline) throw new Error(`processes ${left().join()} are still there after 20 seconds`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
