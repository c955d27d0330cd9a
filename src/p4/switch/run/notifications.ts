import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { AgeingNotification } from "../engine/ageing.ts";
import type { LearnNotification } from "../engine/learning.ts";

/** Bytes before the samples or handles. */
const headerBytes = 32;
/** The greeting of a nanomsg publisher: protocol 2.0 of the SP family (sp-protocol-ids). */
const greeting = Buffer.from([0x00, 0x53, 0x50, 0x00, 0x00, 0x20, 0x00, 0x00]);
/** A message of nanomsg's IPC transport: type 1, length in 8 bytes, big-endian. */
const framePrefixBytes = 9;
/** Subscribers that do not read miss what comes beyond this many bytes. */
const longestBacklog = 1024 * 1024;

/** Publishes notifications as BMv2 does: nanomsg's publish pattern on a UNIX socket. */
export class NotificationPublisher implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  readonly #subscribers = new Set<Socket>();
  readonly #deviceId: number;

  private constructor(address: string, server: Server, deviceId: number) {
    this.address = address;
    this.#server = server;
    this.#deviceId = deviceId;
    server.on("connection", (socket) => {
      this.#subscribers.add(socket);
      socket.on("close", () => this.#subscribers.delete(socket));
      socket.on("error", () => socket.destroy());
      // A subscriber says only its greeting; it filters for itself.
      socket.resume();
      socket.write(greeting);
    });
  }

  /** Listen on `ipc://PATH`; only this user may connect. Rejects with the system's error. */
  static async listen(address: string, deviceId: number): Promise<NotificationPublisher> {
    const path = /^ipc:\/\/(.+)$/.exec(address)?.[1];
    if (path === undefined) throw new Error(`expected ipc://PATH, found ${address}`);
    // The socket of a switch that did not end well.
    await rm(path, { force: true });
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    return new NotificationPublisher(address, server, deviceId);
  }

  publish(notification: LearnNotification | AgeingNotification): void {
    const body = notificationMessage(notification, this.#deviceId);
    const prefix = Buffer.alloc(framePrefixBytes);
    prefix[0] = 1;
    prefix.writeBigUInt64BE(BigInt(body.length), 1);
    const frame = Buffer.concat([prefix, body]);
    for (const socket of this.#subscribers) if (socket.writableLength <= longestBacklog) socket.write(frame);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#subscribers) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

/** The bytes of a notification: a packed little-endian header, then samples or handles. */
export function notificationMessage(notification: LearnNotification | AgeingNotification, deviceId: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write(notification.kind === "learn" ? "LEA|" : "AGE|", 0, "latin1");
  header.writeBigUInt64LE(BigInt(deviceId), 4);
  header.writeUInt32LE(0, 12);
  if (notification.kind === "learn") {
    header.writeInt32LE(notification.listId, 16);
    header.writeBigUInt64LE(BigInt(notification.bufferId), 20);
    header.writeUInt32LE(notification.samples.length, 28);
    return Buffer.concat([header, ...notification.samples]);
  }
  header.writeBigUInt64LE(BigInt(notification.bufferId), 16);
  header.writeInt32LE(notification.tableId, 24);
  header.writeUInt32LE(notification.handles.length, 28);
  const handles = Buffer.alloc(4 * notification.handles.length);
  for (const [at, handle] of notification.handles.entries()) handles.writeUInt32LE(handle, 4 * at);
  return Buffer.concat([header, handles]);
}
