import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { ControlError, type ControlErrorCodes, type ControlSubject } from "../state/control-error.ts";
import { type Codec, i32, string, struct } from "./codec.ts";
import { errorName } from "./error-codes.ts";
import type { Signature } from "./method.ts";
import { multicastSignatures, standardSignatures, switchSignatures } from "./signatures.ts";
import { exception } from "./types.ts";
import { Incomplete, Reader, wireType, Writer } from "./wire.ts";

const version1 = 0x8001_0000 | 0;
const callType = 1;
const exceptionType = 3;
const applicationException = struct({ message: [1, string], type: [2, i32] });

/** What is needed to understand a reply. */
interface ReplyShape {
  readonly result: Codec<unknown> | undefined;
  readonly throws: ControlSubject | undefined;
}

interface Waiting {
  readonly signature: ReplyShape;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Signatures = typeof standardSignatures & typeof multicastSignatures & typeof switchSignatures;
type ArgumentsOf<S> = S extends Signature<infer A, infer _R> ? A : never;
type ResultOf<S> = S extends Signature<infer _A, infer R> ? R : never;

const serviceOf = (name: string): string => {
  if (name in multicastSignatures) return "simple_pre_lag";
  return name in switchSignatures ? "simple_switch" : "standard";
};

/**
 * A client of BMv2's run-time interface, for a switch of ours or a real simple_switch. A declared exception rejects with
 * a {@link ControlError} of the same name.
 */
export class ThriftClient implements Disposable {
  readonly #socket: Duplex;
  readonly #waiting: Waiting[] = [];
  readonly #closed = Promise.withResolvers<Error>();
  #received: Buffer = Buffer.alloc(0);
  /** Why no call can be made any more. */
  #failure: Error | undefined;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#settle();
    });
    socket.on("error", (error) => {
      this.#fail(error);
    });
    socket.on("close", () => {
      this.#fail(new Error("the switch closed the connection"));
    });
  }

  /** Fulfilled, with the reason, when the connection is gone and no call can be made any more. */
  get closed(): Promise<Error> {
    return this.#closed.promise;
  }

  /** Connect to a switch. Rejects with the system's error. */
  static async connect(port: number, host = "127.0.0.1"): Promise<ThriftClient> {
    const socket = connect({ port, host, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new ThriftClient(socket);
  }

  /** Speak over a connection to a switch that is there already. */
  static over(connection: Duplex): ThriftClient {
    return new ThriftClient(connection);
  }

  /** Call a method by its name in the IDL; calls may overlap, and are answered in order. */
  call<Name extends keyof Signatures>(
    name: Name,
    values: ArgumentsOf<Signatures[Name]>,
  ): Promise<ResultOf<Signatures[Name]>> {
    const signature = { ...standardSignatures, ...multicastSignatures, ...switchSignatures }[name];
    const writer = new Writer();
    writer.i32(version1 | callType);
    string.write(writer, `${serviceOf(name)}:${name}`);
    writer.i32(0);
    (signature.arguments as Codec<unknown>).write(writer, values);
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ signature, resolve, reject } as Waiting);
      this.#socket.write(writer.finish());
    });
  }

  /** Cut the connection; calls that wait are rejected. */
  [Symbol.dispose](): void {
    this.#fail(new Error("the connection to the switch was cut"));
  }

  #settle(): void {
    for (;;) {
      const [waiting] = this.#waiting;
      if (waiting === undefined || this.#received.length === 0) return;
      const reader = new Reader(this.#received);
      let outcome: { readonly value: unknown } | Error;
      try {
        outcome = readReply(reader, waiting.signature);
      } catch (error) {
        if (error instanceof Incomplete) return;
        this.#fail(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.#received = this.#received.subarray(reader.at);
      this.#waiting.shift();
      if (outcome instanceof Error) waiting.reject(outcome);
      else waiting.resolve(outcome.value);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#closed.resolve(this.#failure);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
  }
}

function readReply(reader: Reader, { result, throws }: ReplyShape): { readonly value: unknown } | Error {
  const type = reader.i32() & 0xff;
  string.read(reader);
  reader.i32();
  if (type === exceptionType) {
    const { message } = applicationException.read(reader);
    return new Error(message);
  }
  let outcome: { readonly value: unknown } | Error = { value: undefined };
  for (let field = reader.i8(); field !== wireType.stop; field = reader.i8()) {
    const id = reader.i16();
    if (id === 0 && result?.wire === field) outcome = { value: result.read(reader) };
    else if (id === 1 && throws !== undefined) outcome = controlError(throws, exception.read(reader).code);
    else reader.skip(field);
  }
  return outcome;
}

function controlError(subject: ControlSubject, number: number): ControlError {
  return new ControlError(subject, errorName(subject, number) as ControlErrorCodes[ControlSubject]);
}
