import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PcapReader } from "../../src/packet/pcap-reader.ts";

interface Format {
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
}

function words(littleEndian: boolean, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) {
    if (littleEndian) bytes.writeUInt32LE(value, index * 4);
    else bytes.writeUInt32BE(value, index * 4);
  }
  return bytes;
}

function file({ littleEndian, nanoseconds }: Format, frames: readonly Uint8Array[]): Buffer {
  const version = littleEndian ? 0x0004_0002 : 0x0002_0004;
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  return Buffer.concat([
    words(littleEndian, magic, version, 0, 0, 262_144, 1),
    ...frames.flatMap((frame, index) => [words(littleEndian, 1000 + index, 5, frame.length, frame.length + 1), frame]),
  ]);
}

describe("PcapReader", () => {
  test("gives every frame, whatever the format and however the file is cut into chunks", () => {
    const format = fc.record({ littleEndian: fc.boolean(), nanoseconds: fc.boolean() });
    const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(format, frames, fc.integer({ min: 1, max: 50 }), (as, sent, size) => {
        const bytes = file(as, sent);
        const reader = new PcapReader();
        const found = [];
        for (let at = 0; at < bytes.length; at += size) found.push(...reader.push(bytes.subarray(at, at + size)));
        expect(reader.linkType).toBe(1);
        expect(reader.fault).toBeUndefined();
        expect(found).toEqual(
          sent.map((frame, index) => ({
            timestampNanoseconds: BigInt(1000 + index) * 1_000_000_000n + (as.nanoseconds ? 5n : 5000n),
            frame: Buffer.from(frame),
            originalLength: frame.length + 1,
          })),
        );
      }),
      { seed: 20261127 },
    );
  });

  test("says why something is no capture, and stays silent afterwards", () => {
    const reader = new PcapReader();
    expect(reader.push(Buffer.from("tcpdump: no such device, sorry"))).toEqual([]);
    expect(reader.fault).toBe("a file that begins with 74637064, which is no capture");
    expect(reader.push(file({ littleEndian: true, nanoseconds: true }, [Buffer.of(1)]))).toEqual([]);
  });

  test("does not believe a length that no frame has", () => {
    const reader = new PcapReader();
    reader.push(Buffer.concat([file({ littleEndian: true, nanoseconds: true }, []), words(true, 0, 0, 0x7fffffff, 0)]));
    expect(reader.fault).toBe("a frame of 2147483647 bytes");
  });
});
