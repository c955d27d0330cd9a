import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const panelModule = new URL("../../src/wire/panel.ts", import.meta.url).href;

/** A supervisor that does nothing but have a panel, and says its process id. */
const supervisor = `
  const { Panel } = await import(${JSON.stringify(panelModule)});
  const panel = await Panel.start({ runDirectory: process.cwd(), seed: "s" });
  await panel.configure({ ports: [{ node: "a", port: "net0" }] });
  console.log(panel.pid);
`;

test.each(["running", "stopped"])("a %s panel does not outlive a killed supervisor by a second", async (state) => {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-wire-"));
  const parent = spawn(process.execPath, ["--input-type=module", "-e", supervisor], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [pid] = (await once(parent.stdout, "data", { signal: AbortSignal.timeout(30_000) })) as [Buffer];
    const panel = Number(pid.toString());
    if (state === "stopped") process.kill(panel, "SIGSTOP");
    parent.kill("SIGKILL");
    await once(parent, "close");
    const deadline = performance.now() + 20_000;
    // The executable of a zombie cannot be read: what is left then is the work of whoever adopts it.
    while (existsSync(`/proc/${panel}/exe`)) {
      expect(performance.now(), `panel ${panel} is still there`).toBeLessThan(deadline);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    parent.kill("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  }
});
