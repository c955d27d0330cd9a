import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "../../../src/packet/index.ts";
import { readLldpFrame } from "../../../src/stack/lldp/engine/information.ts";

const unshare = ["--user", "--map-root-user", "--net"];
const namespacesWork = spawnSync("unshare", [...unshare, "true"]).status === 0;

/** What in-namespace.ts says. */
interface Said {
  readonly neighbors: unknown;
  readonly table: string;
  readonly interfaces: unknown;
  readonly system: unknown;
  readonly renamed: unknown;
  readonly without: unknown;
  readonly again: unknown;
  readonly exitCode: number;
  readonly code: number | null;
  readonly frames: readonly string[];
}

test.skipIf(!namespacesWork)(
  "lldpd on a real wire: neighbours, lldpadm, interfaces that come and go, a good end (needs network namespaces)",
  { timeout: 120_000 },
  () => {
    const main = fileURLToPath(new URL("in-namespace.ts", import.meta.url));
    const { stdout, stderr, status } = spawnSync("unshare", [...unshare, process.execPath, main], {
      encoding: "utf8",
      timeout: 100_000,
    });
    expect(status, stderr).toBe(0);
    const said = JSON.parse(stdout) as Said;
    expect(said.neighbors).toMatchObject([
      {
        interface: "left0",
        chassis_id: { subtype: "chassis-component", id: "right" },
        port_id: { subtype: "interface-name", id: "right0" },
        ttl: 120,
        system_name: "right",
        capabilities: { supported: ["station"], enabled: ["station"] },
      },
    ]);
    const [headings, row] = said.table.split("\n");
    expect(headings?.split(/ {2,}/)).toEqual(["Interface", "Chassis", "Port", "System", "Description", "Expires in"]);
    expect(row?.split(/ {2,}/).slice(0, 5)).toEqual(["left0", "right", "right0", "right", "Kestrel"]);
    expect(said.interfaces).toMatchObject([{ name: "left0", mac: "02:00:00:00:00:0a", is_up: true, neighbors: 1 }]);
    expect(said.system).toMatchObject({ system_name: "left", capabilities: ["router"] });
    expect(said.without).toEqual([]);
    expect(said.again).toMatchObject([{ name: "left0", neighbors: 0 }]);
    expect(said.renamed).toMatchObject({ chassis_id: { id: "renamed" }, system_name: "renamed" });
    expect(said.exitCode).toBe(2);
    expect(stderr).toContain("there is no interface nowhere");
    expect(said.code).toBe(0);

    const frames = said.frames.map((hex) => Buffer.from(hex, "hex"));
    expect(frames.map((frame) => parse(frame).find("lldp")).every((lldp) => lldp !== undefined)).toBe(true);
    // The last one says that the neighbour leaves.
    expect(readLldpFrame(frames.at(-1) ?? Buffer.alloc(0))).toMatchObject({ chassisId: "right", timeToLive: 0 });
  },
);
