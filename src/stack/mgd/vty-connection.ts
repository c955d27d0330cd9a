import { connect, type Socket } from "node:net";

/** For a machine that is emulated and busy. */
const timeoutMs = 30_000;
const success = 0;
const endMark = Buffer.of(0, 0, 0);

/** A command that FRR did not take. */
export class VtyRefusal extends Error {
  constructor(command: string, answer: string) {
    super(`"${withoutSecrets(command)}": ${withoutSecrets(answer.trim()) || "refused"}`);
    this.name = "VtyRefusal";
  }
}

interface Pending {
  readonly command: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to a daemon of FRR, in the way of vtysh: commands end with a zero byte, an answer is text, three zero bytes and a
 * status. Commands are done one after the other. The end of the connection is the end of the daemon.
 */
export class VtyConnection implements Disposable {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  #received = Buffer.alloc(0);

  private constructor(socket: Socket, ended: () => void) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#take();
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      for (const { command, reject } of this.#pending.splice(0)) {
        reject(new Error(`"${withoutSecrets(command)}": the connection has ended`));
      }
      ended();
    });
  }

  /** Connect, and enter the mode of all commands. Rejects while the daemon is not there; `ended` is called once it has ended. */
  static async open(path: string, ended: () => void): Promise<VtyConnection> {
    const socket = connect(path);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    socket.once("connect", () => {
      resolve(undefined);
    });
    socket.once("error", reject);
    await promise;
    socket.off("error", reject);
    const connection = new VtyConnection(socket, ended);
    await connection.run("enable");
    return connection;
  }

  /** Do a command; resolves with what it printed. Rejects with a {@link VtyRefusal}, or when the daemon ends or hangs. */
  async run(command: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#pending.push({ command, resolve, reject });
    this.#socket.write(`${command}\0`);
    const timer = setTimeout(() => this.#socket.destroy(new Error("no answer in time")), timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #take(): void {
    for (;;) {
      const at = this.#received.indexOf(endMark);
      if (at < 0 || this.#received.length <= at + endMark.length) return;
      const answer = this.#received.toString("utf8", 0, at);
      const status = this.#received[at + endMark.length];
      this.#received = this.#received.subarray(at + endMark.length + 1);
      const pending = this.#pending.shift();
      if (status === success) pending?.resolve(answer);
      else pending?.reject(new VtyRefusal(pending.command, answer));
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** A line without the key in it. */
export function withoutSecrets(line: string): string {
  return line.replace(/(\bpassword )\S+/g, "$1…");
}
