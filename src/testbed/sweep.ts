import { join } from "node:path";
import { killSurvivors } from "./journal.ts";
import { listRuns, removeStaleClaims, retireRunDirectory, runFiles } from "./run-directory.ts";

/** What was found of a testbed whose supervisor is gone, and was cleaned up. */
export interface SweptRun {
  readonly name: string;
  readonly killed: readonly string[];
  readonly keptLogs: string;
}

/**
 * Clean up after supervisors that died without doing it themselves (killed, crashed, power lost). Every command does
 * this first, so that a dead testbed is never in the way.
 */
export async function sweepDeadRuns(): Promise<readonly SweptRun[]> {
  await removeStaleClaims();
  const dead = (await listRuns()).filter(({ alive }) => !alive);
  const swept = await Promise.all(
    dead.map(async ({ name, directory }) => {
      try {
        const killed = await killSurvivors(join(directory, runFiles.journal));
        return { name, killed, keptLogs: await retireRunDirectory(name, directory) };
      } catch (error) {
        // Another command swept it in the same moment.
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    }),
  );
  return swept.filter((run) => run !== undefined);
}
