import { isControlError } from "../state/control-error.ts";
import { i32, string, struct } from "./codec.ts";
import { errorNumber } from "./error-codes.ts";
import type { Method } from "./method.ts";
import { exception } from "./types.ts";
import { Incomplete, Malformed, Reader, wireType, Writer } from "./wire.ts";

const version1 = 0x8001_0000 | 0;
const versionMask = 0xffff_0000 | 0;
const messageType = { call: 1, reply: 2, exception: 3, oneway: 4 } as const;
/** TApplicationException codes. */
const internalError = 0;
const unknownMethod = 1;
const protocolError = 7;

const applicationException = struct({ message: [1, string], type: [2, i32] });

/** Services by name, each with its methods by name. */
export type Services = ReadonlyMap<string, ReadonlyMap<string, Method>>;

/** What came of the bytes of a connection. */
export interface Answer {
  /** Bytes of the message; 0: more must come first. */
  readonly consumed: number;
  /** A promise where the answer takes time. */
  readonly reply: Buffer | Promise<Buffer> | undefined;
  /** Whether the connection is of no use any more. */
  readonly close: boolean;
}

const incomplete: Answer = { consumed: 0, reply: undefined, close: false };

/** Carry out the call at the beginning of `bytes`. Never throws. */
export function answerCall(bytes: Buffer, services: Services): Answer {
  const reader = new Reader(bytes);
  try {
    const first = reader.i32();
    let name: string;
    let type: number;
    if (first < 0) {
      if ((first & versionMask) !== version1) return { consumed: bytes.length, reply: undefined, close: true };
      type = first & 0xff;
      name = string.read(reader);
    } else {
      // A message of before there were versions.
      name = reader.bytes(first).toString("utf8");
      type = reader.i8();
    }
    const sequence = reader.i32();
    const parts = name.split(":");
    const methods = parts.length === 2 ? services.get(parts[0] ?? "") : undefined;
    if (methods === undefined || (type !== messageType.call && type !== messageType.oneway)) {
      const words =
        methods === undefined ? `Service name not found in message name: ${name}` : "Unexpected message type";
      return { consumed: bytes.length, reply: exceptionMessage(name, sequence, protocolError, words), close: true };
    }
    const methodName = parts[1] ?? "";
    const method = methods.get(methodName);
    if (method === undefined) {
      reader.skip(wireType.struct);
      const words = `Invalid method name: '${methodName}'`;
      return { consumed: reader.at, reply: exceptionMessage(methodName, sequence, unknownMethod, words), close: false };
    }
    const values = method.arguments.read(reader);
    return { consumed: reader.at, reply: call(methodName, method, values, sequence), close: false };
  } catch (error) {
    if (error instanceof Incomplete) return incomplete;
    if (error instanceof Malformed) return { consumed: bytes.length, reply: undefined, close: true };
    throw error;
  }
}

function call(name: string, method: Method, values: unknown, sequence: number): Buffer | Promise<Buffer> {
  const failed = (error: unknown): Buffer => failure(name, method, sequence, error);
  try {
    if (typeof values === "object" && values !== null && "cxt" in values && values.cxt !== 0) {
      throw new Error(`there is no context ${String(values.cxt)}`);
    }
    const result = method.handle(values);
    if (result instanceof Promise) return result.then((value) => success(name, method, sequence, value)).catch(failed);
    return success(name, method, sequence, result);
  } catch (error) {
    return failed(error);
  }
}

function success(name: string, { result }: Method, sequence: number, value: unknown): Buffer {
  const writer = begin(messageType.reply, name, sequence);
  if (result !== undefined) {
    writer.i8(result.wire);
    writer.i16(0);
    result.write(writer, value);
  }
  writer.i8(wireType.stop);
  return writer.finish();
}

function failure(name: string, { throws }: Method, sequence: number, error: unknown): Buffer {
  if (!isControlError(error) || error.subject !== throws) {
    return exceptionMessage(name, sequence, internalError, error instanceof Error ? error.message : String(error));
  }
  const writer = begin(messageType.reply, name, sequence);
  writer.i8(wireType.struct);
  writer.i16(1);
  exception.write(writer, { code: errorNumber(error.subject, error.code) });
  writer.i8(wireType.stop);
  return writer.finish();
}

function begin(type: number, name: string, sequence: number): Writer {
  const writer = new Writer();
  writer.i32(version1 | type);
  string.write(writer, name);
  writer.i32(sequence);
  return writer;
}

function exceptionMessage(name: string, sequence: number, type: number, message: string): Buffer {
  const writer = begin(messageType.exception, name, sequence);
  applicationException.write(writer, { message, type });
  return writer.finish();
}
