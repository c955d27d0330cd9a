import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enhancedPacket, interfaceDescription, sectionHeader } from "../../src/packet/index.ts";

/** Whether there is a tshark to ask. */
export const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

/** What tshark is not to do, so that it reads frame by frame as the parser here does, and judges checksums. */
const preferences = [
  ...["ip", "udp", "tcp"].map((name) => `${name}.check_checksum:TRUE`),
  ...["ip.defragment:FALSE", "ipv6.defragment:FALSE", "bgp.desegment:FALSE"],
  ...["tcp.desegment_tcp_streams:FALSE", "tcp.analyze_sequence_numbers:FALSE"],
];

/** The first value of each column, or all of them with commas between, as tshark reads the frames. */
export function tshark<Column extends string>(
  frames: readonly Uint8Array[],
  columns: readonly Column[],
  values: "first" | "all",
): Map<Column, string>[] {
  const directory = mkdtempSync(join(tmpdir(), "kestrel-tshark-"));
  try {
    const file = join(directory, "frames.pcapng");
    const blocks = frames.map((frame) => enhancedPacket({ interfaceId: 0, timestampNanoseconds: 0n, frame }));
    writeFileSync(file, Buffer.concat([sectionHeader(), interfaceDescription({ name: "net0" }), ...blocks]));
    const options = ["-n", "-r", file, "-T", "fields", "-E", `occurrence=${values === "first" ? "f" : "a"}`];
    const asked = columns.flatMap((column) => ["-e", column]);
    const output = execFileSync("tshark", [...options, ...preferences.flatMap((each) => ["-o", each]), ...asked], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = output.split("\n").slice(0, frames.length);
    return lines.map((line) => {
      const found = line.split("\t");
      return new Map(columns.map((column, i) => [column, found[i] ?? ""]));
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
