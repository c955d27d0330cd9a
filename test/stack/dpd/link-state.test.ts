import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Carrier, carrierTold, unknownLink } from "../../../src/stack/dpd/engine/link-state.ts";
import { namespacesWork } from "../../netdev/in-namespace.ts";

test("a link's record has each change once, and counts how often it came up", () => {
  const carrier = fc.constantFrom<Carrier>("up", "down", "unknown");
  fc.assert(
    fc.property(fc.array(carrier, { maxLength: 300 }), (told) => {
      let record = unknownLink;
      for (const [at, state] of told.entries()) record = carrierTold(record, state, at);
      const changes = told.filter((state, at) => state !== (told[at - 1] ?? "unknown"));
      expect(record.state).toBe(told.at(-1) ?? "unknown");
      expect(record.ups).toBe(changes.filter((state) => state === "up").length);
      expect(record.history.map(({ state }) => state)).toEqual(changes.slice(-100));
    }),
  );
});

test.skipIf(!namespacesWork)("carriers are followed as the kernel tells of them", { timeout: 60_000 }, () => {
  const script = join(import.meta.dirname, "watch-links.ts");
  const { stdout, stderr } = spawnSync("unshare", ["--user", "--map-root-user", "--net", process.execPath, script], {
    encoding: "utf8",
    timeout: 50_000,
  });
  expect(stderr).toBe("");
  const { there, ups, states } = JSON.parse(stdout) as { there: string; ups: number; states: string[] };
  expect(there).toBe("up");
  // At its begin and its end an interface may be there without a carrier.
  expect(states.join(" ")).toMatch(/^(down )?up down up (down )?unknown$/);
  expect(ups).toBe(2);
});
