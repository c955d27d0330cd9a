import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { firstWire } from "../routed-bed.ts";

const program = fileURLToPath(new URL("broken-until-told-to-end.ts", import.meta.url));

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "heals what is broken before the process ends by %s",
  async (signal) => {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("broken\n")) child.kill(signal);
    });
    const printed = await text(child.stdout);
    expect(await exited).toEqual([null, signal]);
    const [broken, healed] = printed.split("broken\n").map((lines) => lines.trim().split("\n").toSorted());
    expect(broken).toEqual(["fault h1 is paused", `fault ${firstWire} is cut (aToB)`]);
    expect(healed).toEqual(["heal h1 is paused: healed", `heal ${firstWire} is cut (aToB): healed`]);
  },
);
