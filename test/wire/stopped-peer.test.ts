import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { portSocketPath } from "../../src/wire/port-socket-path.ts";
import { numberedFrame } from "./frames.ts";
import { between, test, type Wiring } from "./panel-fixture.ts";

const floodFrames = 1_000_000;
const floodFrameBytes = 200;
const queueBytes = 1_048_576;

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** A process that sends a million frames as fast as it can. */
function flooder(wiring: Wiring, node: string): ChildProcess {
  const main = fileURLToPath(new URL("../../src/wire/bench-peer.ts", import.meta.url));
  const flags = ["--frames", String(floodFrames), "--frame-bytes", String(floodFrameBytes)];
  return fork(main, ["send", "--to", portSocketPath(node, "net0"), ...flags], {
    cwd: wiring.directory,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

describe("a machine that does not read", () => {
  test(
    "neither blocks its peer, nor bloats the panel, nor touches other wires",
    { timeout: 150_000 },
    async ({ wiring }) => {
      const [, b] = await wiring.pair();
      await wiring.panel.configure(between("c", "d"));
      const [c, d] = [await wiring.connect("c"), await wiring.connect("d")];
      b.socket.pause();
      const before = await residentMiB(wiring.panel.pid);
      const sender = flooder(wiring, "a");
      try {
        await once(sender, "message");
        sender.send({});
        const sent = once(sender, "message");
        const flood = new AbortController();
        void sent.then(() => {
          flood.abort();
        });
        for (let pings = 0; !flood.signal.aborted || pings < 100; pings += 1) {
          c.send(numberedFrame(pings));
          await d.received(pings + 1);
        }
        let frames = 0;
        for await (const { wires } of wiring.panel.followStatistics(10, AbortSignal.timeout(60_000))) {
          frames = wires["wire"]?.aToB.frames ?? 0;
          if (frames === floodFrames) break;
        }
        expect(frames).toBe(floodFrames);
        const { deliveredFrames, dropped, waitingBytes } = (await wiring.panel.statistics()).wires["wire"]?.aToB ?? {};
        expect((deliveredFrames ?? 0) + (dropped?.queue ?? 0)).toBe(floodFrames);
        expect(waitingBytes).toBeGreaterThan(0);
        expect(waitingBytes).toBeLessThanOrEqual(queueBytes);
        // The ring of the wire, its queue, read buffers that are lent out; never all that was sent.
        expect((await residentMiB(wiring.panel.pid)) - before).toBeLessThan(64);
        b.socket.resume();
        await b.received(deliveredFrames ?? 0);
        expect(b.frames.every((frame) => frame.length === floodFrameBytes)).toBe(true);
        const sequence = await wiring.panel.inject("wire", "aToB", numberedFrame(5));
        expect((await wiring.panel.read({ since: sequence })).records[0]?.fate).toBe("delivered");
      } finally {
        sender.kill("SIGKILL");
        if (sender.exitCode === null && sender.signalCode === null) await once(sender, "close");
      }
    },
  );
});
