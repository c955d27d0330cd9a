import { readFile } from "node:fs/promises";

/** What the kernel has counted at an interface since it was made (Documentation/ABI/testing/sysfs-class-net-statistics). */
export interface LinkStatistics {
  readonly received: LinkTraffic;
  readonly sent: LinkTraffic;
}

/** One direction. */
export interface LinkTraffic {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** Of an interface of this network namespace; undefined if there is none of that name. */
export async function linkStatistics(name: string): Promise<LinkStatistics | undefined> {
  const read = async (file: string): Promise<number> =>
    Number(await readFile(`/sys/class/net/${name}/statistics/${file}`, "utf8"));
  const traffic = async (prefix: "rx" | "tx"): Promise<LinkTraffic> => ({
    bytes: await read(`${prefix}_bytes`),
    packets: await read(`${prefix}_packets`),
    errors: await read(`${prefix}_errors`),
    dropped: await read(`${prefix}_dropped`),
  });
  try {
    return { received: await traffic("rx"), sent: await traffic("tx") };
  } catch (error) {
    // One that is taken away meanwhile is not there either: its files end so.
    if (error instanceof Error && "code" in error && ["ENOENT", "ENODEV", "EINVAL"].includes(String(error.code))) {
      return undefined;
    }
    throw error;
  }
}
