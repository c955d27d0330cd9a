import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Testbed } from "../../testbed/testbed.ts";
import type { FollowedRecords, RunningCapture } from "../../wire/panel-client.ts";
import type { WireRecord } from "../model/public-api.ts";
import { frameRow } from "./frame-rows.ts";
import { errorText, type Outcomes } from "./services.ts";

/** Milliseconds in which frames are collected. */
const batchMs = 250;
/** Frames of one batch that are decoded; of a faster wire the newest are shown. */
const decodedFrames = 100;
/** Frames before now that are shown when a wire is first looked at. */
const earlierFrames = 200;

/** Follows the frames of one wire, and captures one to a file. */
export class Frames implements Disposable {
  readonly #testbed: Testbed;
  readonly #outcomes: Outcomes;
  #followed: FollowedRecords | undefined;
  #capture: RunningCapture | undefined;

  constructor(testbed: Testbed, outcomes: Outcomes) {
    this.#testbed = testbed;
    this.#outcomes = outcomes;
  }

  /** Follow a wire instead of the one followed so far, beginning with what it carried last. */
  async follow(wire: string): Promise<void> {
    this.leave();
    const { wires } = this.#testbed;
    const followed = wires.follow({ wires: [wire], since: 0 });
    this.#followed = followed;
    let waiting: WireRecord[] = [];
    let skipped = 0;
    let timer: NodeJS.Timeout | undefined;
    let isFirst = true;
    const flush = (): void => {
      timer = undefined;
      const shown = waiting.slice(-(isFirst ? earlierFrames : decodedFrames));
      // What the ring held before somebody looked was not missed.
      const missed = isFirst ? 0 : skipped + waiting.length - shown.length;
      [waiting, skipped, isFirst] = [[], 0, false];
      if (this.#followed === followed)
        this.#outcomes.dispatch({ type: "frames", wire, frames: shown.map(frameRow), skipped: missed });
    };
    try {
      for await (const records of followed) {
        waiting.push(...records);
        if (waiting.length > 4 * earlierFrames) {
          skipped += waiting.length - earlierFrames;
          waiting = waiting.slice(-earlierFrames);
        }
        timer ??= setTimeout(flush, batchMs);
      }
      // The ring ran over: go on with what is there now.
      if (followed.lost && this.#followed === followed) void this.follow(wire);
    } catch {
      // The testbed is gone, which is told where its events end.
    } finally {
      clearTimeout(timer);
    }
  }

  /** Follow no wire any more. */
  leave(): void {
    const followed = this.#followed;
    this.#followed = undefined;
    followed?.close();
  }

  /** Capture a wire until told to stop, with what its recording still holds. */
  async capture(wire: string, file: string): Promise<void> {
    const { dispatch } = this.#outcomes;
    if (this.#capture !== undefined) return;
    const capture = this.#testbed.wires.capture({ wires: [wire], includeRecorded: true });
    this.#capture = capture;
    let bytes = 0;
    const told = setInterval(() => {
      dispatch({ type: "capturing", capture: { wire, file, bytes } });
    }, 500);
    capture.bytes.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    dispatch({ type: "capturing", capture: { wire, file, bytes: undefined } });
    try {
      await pipeline(capture.bytes, createWriteStream(file, { mode: 0o600, flags: "wx" }));
      dispatch({ type: "notice", kind: "done", text: `captured ${bytes} bytes to ${file}` });
    } catch (error) {
      dispatch({ type: "notice", kind: "problem", text: `the capture to ${file} has ended: ${errorText(error)}` });
    } finally {
      clearInterval(told);
      this.#capture = undefined;
      dispatch({ type: "capturing", capture: undefined });
    }
  }

  /** End the capture, complete as it is. */
  stopCapture(): void {
    this.#capture?.stop();
  }

  [Symbol.dispose](): void {
    this.leave();
    this.stopCapture();
  }
}
