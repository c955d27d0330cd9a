import type { SerializedError } from "../error/kestrel-error.ts";
import { malformed, STREAM_COUNT } from "./frame.ts";

/** The object in a JSON payload. Throws KestrelError when it is none. */
export function parseJson(payload: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null) throw malformed("a payload which is not a JSON object");
  return value as Record<string, unknown>;
}

/** The stream number which a payload begins with. Throws KestrelError when there is no such stream. */
export function streamOf(payload: Buffer): number {
  return checkedStream(payload.readUInt8(0));
}

/** `stream` itself. Throws KestrelError when channels have no stream of that number. */
export function checkedStream(stream: number): number {
  if (Number.isInteger(stream) && stream >= 0 && stream < STREAM_COUNT) return stream;
  throw malformed(`stream ${stream} of a channel; they go from 0 to ${STREAM_COUNT - 1}`);
}

/** The error of a CLOSE payload; undefined when there is none. */
export function errorOf(outcome: Record<string, unknown>): SerializedError | undefined {
  const error = outcome["error"];
  if (error === undefined) return undefined;
  return isSerializedError(error) ? error : { message: "an error that cannot be read" };
}

function isSerializedError(value: unknown): value is SerializedError {
  return typeof value === "object" && value !== null && "message" in value && typeof value.message === "string";
}
