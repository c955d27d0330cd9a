import { createHash } from "node:crypto";
import { P4Error } from "../../p4-error.ts";
import { isControlError } from "../state/control-error.ts";
import type { ThriftClient } from "./client.ts";

/** What came of a swap. */
export interface ProgramSwap {
  /** False where the switch runs this very program already; then nothing was done, and its entries are still there. */
  readonly swapped: boolean;
  /** MD5 of the program that runs now, as bm_get_config_md5 tells it, in hexadecimal. */
  readonly md5: string;
}

const hints: Readonly<Record<string, string>> = {
  CONFIG_SWAP_DISABLED: "start the switch with `-- --enable-swap`",
  ONGOING_SWAP: "a program that was loaded before waits: finish with `kestrel p4 cli -c swap_configs`, then try again",
};

/**
 * Put a program into a running switch, ours or a simple_switch: load and swap. Packets in its queues leave through the
 * old program; entries, counters and registers are gone, groups, mirroring sessions and queue settings stay. Whoever owns
 * the entries sees by the MD5 that they are to be installed again.
 *
 * @param json - text of the program's BMv2 JSON
 * @throws P4Error (input) where the switch refuses it; its old program then runs on
 */
export async function swapProgram(client: ThriftClient, json: string): Promise<ProgramSwap> {
  const md5 = createHash("md5").update(json).digest("hex");
  const runs = async (): Promise<string> => Buffer.from(await client.call("bm_get_config_md5", {})).toString("hex");
  // A program that waits to be swapped in answers for its switch already.
  if ((await runs()) === md5) return { swapped: await swapPending(client), md5 };
  try {
    await client.call("bm_load_new_config", { text: json });
    await client.call("bm_swap_configs", {});
  } catch (error) {
    const code = isControlError(error) ? error.code : undefined;
    throw new P4Error(
      {
        kind: "input",
        step: "swap the program of the switch",
        found: error instanceof Error ? error.message : String(error),
        hint: code === undefined ? "the switch runs its old program; see what it says of the new one" : hints[code],
      },
      { cause: error },
    );
  }
  const found = await runs();
  if (found !== md5) {
    throw new P4Error({
      kind: "internal",
      step: "swap the program of the switch",
      expected: `the MD5 ${md5}`,
      found,
    });
  }
  return { swapped: true, md5 };
}

async function swapPending(client: ThriftClient): Promise<boolean> {
  try {
    await client.call("bm_swap_configs", {});
    return true;
  } catch (error) {
    if (isControlError(error)) return false;
    throw error;
  }
}
