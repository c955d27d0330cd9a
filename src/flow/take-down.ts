import { sweepDeadRuns, type Testbed } from "../testbed/index.ts";

/** End a testbed, also one that has died meanwhile: then what it left is cleaned up. */
export async function takeDown(testbed: Testbed): Promise<void> {
  try {
    await testbed.down();
  } catch (error) {
    const lives = await testbed.status().then(
      () => true,
      () => false,
    );
    if (lives) throw error;
    await sweepDeadRuns();
  }
}
