import { readFile } from "node:fs/promises";
import type { Testbed } from "../testbed/index.ts";

/** Proportional set sizes of the QEMUs of a testbed, MiB, by node (proc(5), smaps_rollup). */
export async function proportionalMemory(testbed: Testbed): Promise<ReadonlyMap<string, number>> {
  const { nodes } = await testbed.status();
  return new Map(
    await Promise.all(
      nodes.map(async ({ name, pid }) => {
        const text = await readFile(`/proc/${pid ?? 0}/smaps_rollup`, "latin1");
        return [name, Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) / 1024] as const;
      }),
    ),
  );
}
