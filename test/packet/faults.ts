import { PacketError } from "../../src/packet/index.ts";

/** The faults that `work` is refused for; none if it is not. */
export function faultsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof PacketError) return error.faults;
    throw error;
  }
  return [];
}
