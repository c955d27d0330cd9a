import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { VtyConnection } from "../../../src/stack/mgd/vty-connection.ts";

/** Bytes of an answer, as vtysh's sockets have them. */
const answer = (text: string, status = 0): Buffer => Buffer.concat([Buffer.from(text), Buffer.of(0, 0, 0, status)]);

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kestrel-vty-"));
  path = join(directory, "bgpd.vty");
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Somebody who answers each command, by its words, over the socket. */
async function served(
  answers: Readonly<Record<string, (socket: Socket) => void>>,
): Promise<{ readonly heard: string[] } & AsyncDisposable> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    let pending = "";
    socket.on("data", (bytes) => {
      pending += bytes.toString("utf8");
      const commands = pending.split("\0");
      pending = commands.pop() ?? "";
      for (const command of commands) {
        heard.push(command);
        const say = answers[command];
        if (say === undefined) socket.write(answer(""));
        else say(socket);
      }
    });
  });
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.listen(path, () => {
    resolve(undefined);
  });
  await promise;
  return {
    heard,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<unknown>();
      server.close(closed.resolve);
      await closed.promise;
    },
  };
}

test("answers are told apart however they arrive, and commands are done in order", async () => {
  await using daemon = await served({
    one: (socket) => {
      const bytes = answer("first\nsecond\n");
      socket.write(bytes.subarray(0, 3));
      setImmediate(() => socket.write(bytes.subarray(3, -1)));
      setImmediate(() => setImmediate(() => socket.write(Buffer.concat([bytes.subarray(-1), answer("two")]))));
    },
    two: () => undefined,
  });
  using connection = await VtyConnection.open(path, () => undefined);
  expect(await Promise.all([connection.run("one"), connection.run("two")])).toEqual(["first\nsecond\n", "two"]);
  expect(daemon.heard).toEqual(["enable", "one", "two"]);
});

test("a command that is refused says why, without the key in it", async () => {
  const command = "neighbor 192.0.2.2 password secret";
  await using _daemon = await served({
    [command]: (socket) => socket.write(answer(`% Unknown command: ${command}\n`, 2)),
  });
  using connection = await VtyConnection.open(path, () => undefined);
  await expect(connection.run(command)).rejects.toThrow(
    '"neighbor 192.0.2.2 password …": % Unknown command: neighbor 192.0.2.2 password …',
  );
  expect(await connection.run("end")).toBe("");
});

test("the end of the daemon is told, and what waits for an answer fails", async () => {
  await using _daemon = await served({ show: (socket) => socket.destroy() });
  const ended = Promise.withResolvers<undefined>();
  using connection = await VtyConnection.open(path, () => {
    ended.resolve(undefined);
  });
  await expect(connection.run("show")).rejects.toThrow('"show": the connection has ended');
  await ended.promise;
});

test("nobody is there", async () => {
  await expect(VtyConnection.open(path, () => undefined)).rejects.toThrow("ENOENT");
});
