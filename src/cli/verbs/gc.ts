import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { acquireLock, kestrelDirectories } from "../../host/index.ts";
import { imageGc } from "../../image/index.ts";
import { collectTemplates } from "../../machine/index.ts";
import { templateDirectory } from "../../testbed/resources.ts";
import { endedRoot, listRuns, removeOldEnded } from "../../testbed/run-directory.ts";
import { diskUsage } from "../disk-usage.ts";
import { formatBytes } from "../quantities.ts";
import type { JsonOption, Session } from "../session.ts";
import { table } from "../table.ts";

/** Options of `kestrel gc`. */
export interface GcOptions extends JsonOption {
  readonly all?: boolean;
}

/** What was removed of one sort, as `--json` prints it in `{"removed": […], "bytes": …}`. */
export interface Removal {
  readonly what: "logs" | "templates" | "images" | "locks";
  readonly names: readonly string[];
  readonly bytes: number;
}

const templateLifeMs = 30 * 24 * 3600 * 1000;

/** Remove what is not needed any more. */
export async function gc({ terminal }: Session, { all, json }: GcOptions): Promise<void> {
  const running = (await listRuns()).some(({ alive }) => alive);
  // A machine holds the files of its template and its image open, but the next power cycle opens them again.
  const everything = all === true && !running;
  if (all === true && running)
    terminal.note("testbeds are running: only what is old is removed of templates and images");
  const templatesBefore = everything ? new Date() : new Date(Date.now() - templateLifeMs);
  const removed: Removal[] = [
    await measured("logs", endedRoot(), () => removeOldEnded(endedRoot(), 0)),
    await measured("templates", templateDirectory(), () => collectTemplates(templateDirectory(), templatesBefore)),
    await removeImages(everything ? "used" : "newest"),
    await measured("locks", kestrelDirectories().cache, () => removeFreeLocks(kestrelDirectories().cache)),
  ];
  const bytes = removed.reduce((sum, part) => sum + part.bytes, 0);
  if (json === true) {
    terminal.printJson({ removed, bytes });
    return;
  }
  const rows = removed.map((part) => [part.what, String(part.names.length), formatBytes(part.bytes)]);
  terminal.print(table([...rows, ["all", "", formatBytes(bytes)]], ["REMOVED", "COUNT", "FREED"], terminal.colors));
}

async function removeImages(keep: "used" | "newest"): Promise<Removal> {
  const { removed, freedBytes } = await imageGc({ keep });
  return { what: "images", names: removed, bytes: freedBytes };
}

async function measured(
  what: Removal["what"],
  directory: string,
  remove: () => Promise<readonly string[]>,
): Promise<Removal> {
  const before = await diskUsage(directory);
  const names = await remove();
  return { what, names, bytes: Math.max(0, before - (await diskUsage(directory))) };
}

/** Lock files that nobody holds: taking one and letting it go removes it. */
async function removeFreeLocks(cache: string): Promise<readonly string[]> {
  const entries = await readdir(cache, { recursive: true }).catch(() => []);
  const removed: string[] = [];
  for (const entry of entries.filter((name) => name.endsWith(".lock"))) {
    try {
      await using _lock = await acquireLock(join(cache, entry), { purpose: "remove old locks", timeoutMs: 0 });
      removed.push(entry);
    } catch {
      // Somebody holds it: it is of use.
    }
  }
  return removed;
}
