import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect } from "vitest";
import { portSocketPath } from "../../src/wire/port-socket-path.ts";
import { numberedFrame, numberOf } from "./frames.ts";
import { test } from "./panel-fixture.ts";

const qemu = "qemu-system-x86_64";
const hasQemu = spawnSync(qemu, ["--version"]).status === 0;

function netdev(id: number, port: string): string[] {
  const path = portSocketPath("q", port);
  return [
    ...["-netdev", `stream,id=s${id},server=off,addr.type=unix,addr.path=${path}`],
    ...["-netdev", `hubport,id=h${id},hubid=0,netdev=s${id}`],
  ];
}

describe.skipIf(!hasQemu)("QEMU", () => {
  test("connects its stream netdevs and passes frames of all lengths between them", async ({ wiring }) => {
    await wiring.panel.configure({
      ports: [
        { node: "q", port: "net0" },
        { node: "q", port: "net1" },
      ],
      wires: [
        { name: "in", ends: [null, { port: "q:net0" }] },
        { name: "out", ends: [{ port: "q:net1" }, null] },
      ],
    });
    const events = wiring.panel.events(AbortSignal.timeout(30_000));
    await wiring.panel.cursor();
    // A machine without a processor, whose two network back ends are joined by QEMU's own hub.
    const machine = spawn(
      qemu,
      ["-M", "none", "-nodefaults", "-display", "none", ...netdev(0, "net0"), ...netdev(1, "net1")],
      { cwd: wiring.directory, stdio: "ignore" },
    );
    const ended = once(machine, "close");
    try {
      const connected = new Set<string>();
      for await (const event of events) {
        if (event.type === "port-connected") connected.add(event.port);
        if (connected.size === 2) break;
      }
      let since = await wiring.panel.cursor();
      const lengths = [14, 60, 1514, 9018, 65_535];
      for (const [number, length] of lengths.entries()) {
        await wiring.panel.inject("in", "aToB", numberedFrame(number, length));
        const { records, cursor } = await wiring.panel.read({ wires: ["out"], since, waitMilliseconds: 30_000 });
        expect(records.map(({ frame, fate }) => [numberOf(frame), frame.length, fate])).toEqual([
          [number, length, "absent"],
        ]);
        since = cursor;
      }
    } finally {
      machine.kill("SIGKILL");
      await ended;
    }
  });
});
