/**
 * A packet, address or capture that cannot be built as asked: every fault that was found, one a line.
 * Reading never throws it; what cannot be read is returned as data.
 */
export class PacketError extends Error {
  /** Each fault by itself, in the order of the input. */
  readonly faults: readonly string[];

  constructor(step: string, faults: readonly string[]) {
    super(faults.length === 1 ? `${step}: ${faults[0] ?? ""}` : `${step}:\n${faults.map((f) => `  ${f}`).join("\n")}`);
    this.name = "PacketError";
    this.faults = faults;
  }
}

/** The first fault of the {@link PacketError} that `work` throws, if it throws one. */
export function faultOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof PacketError) return error.faults[0];
    throw error;
  }
}
