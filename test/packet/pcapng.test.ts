import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CaptureDirection,
  enhancedPacket,
  enhancedPacketLength,
  type FrameRecord,
  interfaceDescription,
  PacketError,
  PcapngReader,
  readPcapng,
  sectionHeader,
  writeEnhancedPacketHeader,
  writeEnhancedPacketTrailer,
} from "../../src/packet/index.ts";

const directions: readonly CaptureDirection[] = ["unknown", "inbound", "outbound"];
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

const frameRecord: fc.Arbitrary<FrameRecord> = fc.record(
  {
    interfaceId: fc.constantFrom(0, 1),
    timestampNanoseconds: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    frame: fc.uint8Array({ maxLength: 200 }),
    originalLength: fc.integer({ min: 200, max: 65535 }),
    direction: fc.constantFrom(...directions),
    comment: fc.string({ unit: "grapheme", maxLength: 20 }),
  },
  { requiredKeys: ["interfaceId", "timestampNanoseconds", "frame"] },
);

function capture(records: readonly FrameRecord[]): Buffer {
  return Buffer.concat([
    sectionHeader({ application: "kestrel", comment: "one run" }),
    interfaceDescription({ name: "h1:net0 > r1:net0", description: "left, first way" }),
    interfaceDescription({ name: "r1:net0 > h1:net0", snapLength: 9000, mac: Uint8Array.of(2, 0, 0, 0, 0, 1) }),
    ...records.map(enhancedPacket),
  ]);
}

const interfaces = [
  { id: 0, name: "h1:net0 > r1:net0", description: "left, first way", linkType: 1, snapLength: 0 },
  { id: 1, name: "r1:net0 > h1:net0", linkType: 1, snapLength: 9000 },
];

function expected(record: FrameRecord): object {
  return {
    interface: interfaces[record.interfaceId],
    timestampNanoseconds: record.timestampNanoseconds,
    frame: record.frame,
    originalLength: record.originalLength ?? record.frame.length,
    direction: record.direction ?? "unknown",
    ...(record.comment === undefined ? {} : { comment: record.comment }),
  };
}

describe("a written capture", () => {
  test("reads back equal", () => {
    fc.assert(
      fc.property(fc.array(frameRecord, { maxLength: 8 }), (records) => {
        const read = readPcapng(capture(records));
        expect(read).toEqual({ interfaces, frames: records.map(expected), skippedBlocks: 0 });
      }),
    );
  });

  test("reads back equal whatever the chunks", () => {
    const records: FrameRecord[] = [5, 64, 0].map((length, i) => ({
      interfaceId: i % 2,
      timestampNanoseconds: BigInt(i),
      frame: new Uint8Array(length).fill(i),
      comment: "c".repeat(i),
    }));
    const bytes = capture(records);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new PcapngReader();
      const frames = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
      expect(reader.finish()).toBeUndefined();
      expect(frames).toEqual(records.map(expected));
    }
    const reader = new PcapngReader();
    expect([...bytes].flatMap((byte) => reader.push(Uint8Array.of(byte)))).toEqual(records.map(expected));
  });

  test("that is cut names the byte and keeps the frames before it", () => {
    const record = { interfaceId: 0, timestampNanoseconds: 7n, frame: new Uint8Array(60) };
    const bytes = capture([record, record]);
    const lastBlock = bytes.length - enhancedPacket(record).length;
    for (let end = lastBlock + 1; end < bytes.length; end++) {
      const read = readPcapng(bytes.subarray(0, end));
      expect(read.frames).toHaveLength(1);
      expect(read.fault?.offset).toBe(lastBlock);
    }
  });

  test("refuses a comment that has no room", () => {
    const record = { interfaceId: 0, timestampNanoseconds: 0n, frame: new Uint8Array(1), comment: "c".repeat(65536) };
    expect(() => enhancedPacket(record)).toThrow(PacketError);
  });
});

describe("the header and trailer that are written in place", () => {
  test("make the same block as the one built whole", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70 }),
        fc.integer({ min: 0, max: 2 ** 33 }),
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.constantFrom(...directions),
        (frame, seconds, nanoseconds, direction) => {
          const length = enhancedPacketLength(frame.length);
          const bytes = Buffer.alloc(length + 3, 0xff);
          const afterHeader = writeEnhancedPacketHeader(bytes, 3, 1, seconds, nanoseconds, frame.length);
          bytes.set(frame, afterHeader);
          const end = writeEnhancedPacketTrailer(bytes, afterHeader + frame.length, frame.length, direction);
          const timestampNanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
          expect(end).toBe(length + 3);
          expect(bytes.subarray(3)).toEqual(enhancedPacket({ interfaceId: 1, timestampNanoseconds, frame, direction }));
        },
      ),
    );
  });
});

/** A section as another writer may make it: either byte order, any resolution. */
function foreignCapture(bigEndian: boolean, resolution: number, units: bigint, offsetSeconds = 0n): Buffer {
  const u16 = (value: number): Buffer => swap(Buffer.of(value & 0xff, value >> 8), bigEndian);
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return swap(bytes, bigEndian);
  };
  const offset = Buffer.alloc(8);
  offset.writeBigInt64LE(offsetSeconds);
  const block = (type: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([u32(type), u32(body.length + 12), body, u32(body.length + 12)]);
  };
  return Buffer.concat([
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), Buffer.alloc(8, 0xff)),
    block(0x0bad, Buffer.from("whatever")),
    block(
      1,
      ...[u16(1), u16(0), u32(64)],
      ...[u16(9), u16(1), Buffer.of(resolution, 0, 0, 0)],
      ...[u16(14), u16(8), swap(offset, bigEndian)],
    ),
    block(
      6,
      u32(0),
      u32(Number(units >> 32n)),
      u32(Number(units & 0xffff_ffffn)),
      u32(2),
      u32(9),
      Buffer.from("hi\0\0"),
    ),
    block(3, u32(3), Buffer.from("abc\0")),
  ]);
}

function swap(bytes: Buffer, reversed: boolean): Buffer {
  return reversed ? bytes.reverse() : bytes;
}

describe("a capture of another writer", () => {
  test.each([
    [6, 1_700_000_000_123_456n, 1_700_000_000_123_456_000n],
    [9, 1_700_000_000_123_456_789n, 1_700_000_000_123_456_789n],
    [12, 5_000n, 5n],
    [0, 3n, 3_000_000_000n],
    [0x80 | 10, 1536n, 1_500_000_000n],
  ])("of resolution %i reads in either byte order", (resolution, units, nanoseconds) => {
    for (const bigEndian of [false, true]) {
      const read = readPcapng(foreignCapture(bigEndian, resolution, units, -1n));
      expect(read.fault).toBeUndefined();
      expect(read.skippedBlocks).toBe(1);
      expect(read.frames[0]?.timestampNanoseconds).toBe(nanoseconds - 1_000_000_000n);
      expect(read.frames.map(({ frame }) => Buffer.from(frame).toString())).toEqual(["hi", "abc"]);
      expect(read.frames[0]?.originalLength).toBe(9);
    }
  });

  test("sections follow each other, each with its own interfaces and byte order", () => {
    const read = readPcapng(Buffer.concat([foreignCapture(true, 9, 1n), foreignCapture(false, 6, 1n)]));
    expect(read.frames.map(({ timestampNanoseconds }) => timestampNanoseconds)).toEqual([1n, 0n, 1000n, 0n]);
    expect(read.interfaces).toHaveLength(2);
  });
});

describe("a file that is not what it says", () => {
  test.each([
    ["not pcapng", Buffer.from("GIF89a, not a capture"), 0],
    ["without magic", Buffer.concat([sectionHeader().fill(0, 8, 12)]), 0],
    ["of a wrong length", Buffer.concat([sectionHeader(), Buffer.from("0600000005000000", "hex")]), 28],
    ["of an absurd length", Buffer.concat([sectionHeader(), Buffer.from("06000000fcffffff", "hex")]), 28],
    ["whose lengths differ", Buffer.concat([sectionHeader(), Buffer.from("060000000c0000000d000000", "hex")]), 28],
  ])("%s: stops there", (_, bytes, offset) => {
    expect(readPcapng(bytes).fault?.offset).toBe(offset);
  });

  test("a frame on an interface that was never declared is passed over", () => {
    const stray = enhancedPacket({ interfaceId: 2, timestampNanoseconds: 0n, frame: new Uint8Array(1) });
    const read = readPcapng(Buffer.concat([capture([]), stray]));
    expect(read).toMatchObject({ frames: [], skippedBlocks: 1 });
  });

  test("no bytes crash the reader", () => {
    const changed = fc
      .tuple(fc.array(frameRecord, { maxLength: 3 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 10 }))
      .map(([records, changes]) => {
        const bytes = capture(records);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
        const { frames } = readPcapng(bytes);
        expect(frames.reduce((sum, { frame }) => sum + frame.length, 0)).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});

test.skipIf(!hasTshark)("tshark reads names, times, directions and comments as written", () => {
  const directory = mkdtempSync(join(tmpdir(), "kestrel-pcapng-"));
  try {
    const file = join(directory, "written.pcapng");
    const frame = Buffer.alloc(61, 0x11);
    const timestampNanoseconds = 1_700_000_000_123_456_789n;
    writeFileSync(
      file,
      capture([
        { interfaceId: 1, timestampNanoseconds, frame, direction: "outbound", comment: "dropped: queue full" },
        { interfaceId: 0, timestampNanoseconds: timestampNanoseconds + 1n, frame, direction: "inbound" },
      ]),
    );
    const columns = ["frame.interface_name", "frame.time_epoch", "frame.packet_flags_direction", "frame.comment"];
    const fields = columns.flatMap((column) => ["-e", column]);
    const output = execFileSync("tshark", ["-n", "-r", file, "-T", "fields", ...fields], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, TZ: "UTC" },
    });
    const [first, second] = output.split("\n").map((line) => line.split("\t"));
    expect(first?.[0]).toBe("r1:net0 > h1:net0");
    expect(first?.[1]).toMatch(/^(1700000000\.123456789|2023-11-14T22:13:20\.123456789Z)$/);
    expect(Number(first?.[2])).toBe(2);
    expect(first?.[3]).toBe("dropped: queue full");
    expect(second?.[0]).toBe("h1:net0 > r1:net0");
    expect(Number(second?.[2])).toBe(1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
