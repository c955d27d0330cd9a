import { connect, createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import type { Reception } from "./bench-reception.ts";
import { lengthPrefixBytes } from "./frame-batch.ts";

/*
 * One party of the wire bench, as a process of its own with an IPC channel to its parent:
 *   send     connects to --to and writes --frames frames of --frame-bytes bytes (or the --frame given in hexadecimal digits),
 *            many to a write; as fast as it goes, or --rate a second
 *   receive  connects to --from and counts; when told `{expected}`, answers once that many bytes have come
 *   blind    listens on --from and --to, and copies from the first to the second without looking at it
 * Parties say "ready" when connected (or listening) and act on the first message. Times are CLOCK_MONOTONIC, nanoseconds.
 */

const writeBytes = 131_072;
const readBytes = 262_144;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string" },
    to: { type: "string" },
    frames: { type: "string" },
    "frame-bytes": { type: "string" },
    frame: { type: "string" },
    rate: { type: "string" },
  },
});
const { from = "", to = "" } = values;

function say(message: unknown): void {
  process.send?.(message);
}

function send(): void {
  const frameBytes = Number(values["frame-bytes"]);
  const framedBytes = lengthPrefixBytes + frameBytes;
  const perWrite = Math.max(1, Math.floor(writeBytes / framedBytes));
  const batch = Buffer.alloc(perWrite * framedBytes, 0x5a);
  const content = Buffer.from(values.frame ?? "", "hex");
  for (let frame = 0; frame < perWrite; frame += 1) {
    batch.writeUInt32BE(frameBytes, frame * framedBytes);
    content.copy(batch, frame * framedBytes + lengthPrefixBytes);
  }
  let left = Number(values.frames);
  const socket = connect(to, () => {
    say("ready");
  });
  const rate = Number(values.rate ?? Number.POSITIVE_INFINITY);
  const total = left;
  let startedAt = Number.NaN;
  /** Frames that may be sent by now. */
  const due = (): number => {
    if (rate === Number.POSITIVE_INFINITY) return left;
    if (Number.isNaN(startedAt)) startedAt = performance.now();
    return Math.min(left, Math.ceil(((performance.now() - startedAt) / 1000) * rate) - (total - left));
  };
  const write = (): void => {
    for (;;) {
      const frames = Math.min(due(), perWrite);
      if (left === 0) return;
      if (frames <= 0) {
        setTimeout(write, 1);
        return;
      }
      left -= frames;
      const bytes = frames === perWrite ? batch : batch.subarray(0, frames * framedBytes);
      const last = (): void => {
        say("sent");
      };
      if (!socket.write(bytes, left === 0 ? last : undefined)) return;
    }
  };
  socket.on("drain", write);
  process.once("message", write);
}

function receive(): void {
  let bytes = 0;
  let first = 0n;
  let last = 0n;
  let expected = Number.POSITIVE_INFINITY;
  const report = (): void => {
    if (bytes >= expected) say({ bytes, nanoseconds: Number(last - first) } satisfies Reception);
  };
  const socket = connect({
    path: from,
    onread: {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (read) => {
        last = process.hrtime.bigint();
        if (bytes === 0) first = last;
        bytes += read;
        report();
        return true;
      },
    },
  });
  socket.on("connect", () => {
    say("ready");
  });
  process.on("message", (message: { readonly expected: number }) => {
    ({ expected } = message);
    report();
  });
}

async function blind(): Promise<void> {
  const accept = (path: string): Promise<Socket> => {
    const { promise, resolve } = Promise.withResolvers<Socket>();
    createServer({ pauseOnConnect: true }, resolve).listen(path, () => {
      listening += 1;
      if (listening === 2) say("ready");
    });
    return promise;
  };
  let listening = 0;
  const [source, target] = await Promise.all([accept(from), accept(to)]);
  source.pipe(target);
}

process.on("disconnect", () => {
  process.exit(0);
});
const [role] = positionals;
if (role === "send") send();
else if (role === "receive") receive();
else await blind();
