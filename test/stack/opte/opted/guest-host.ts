/**
 * A guest's programs: a process in its network namespace, told over IPC what to do, one thing at a time or several. Each order
 * is answered by a report with its number.
 */
import { createHash } from "node:crypto";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, connect, type Socket } from "node:net";
import { once } from "node:events";

/** What a guest is told. */
export type GuestOrder =
  /** Answer each connection, when the other side has said all, with this guest's name and the digest of what it said. */
  | { readonly order: "digest"; readonly port: number; readonly name: string }
  /** Say so many bytes, each the rest of its place by 251; the answer is what `digest` answers. */
  | {
      readonly order: "say";
      readonly address: string;
      readonly port: number;
      readonly size: number;
      readonly localPort?: number;
    }
  /** Keep connections open and send back what comes. */
  | { readonly order: "echo"; readonly port: number }
  /** Open a connection to keep. */
  | { readonly order: "open"; readonly address: string; readonly port: number }
  /** Send a text on the connection that was opened, or on the one that was accepted, and wait until it is heard back. */
  | { readonly order: "talk"; readonly text: string; readonly accepted: boolean }
  | { readonly order: "udp-echo"; readonly port: number }
  /** Send a datagram from a port of its own each, and wait for as many answers. */
  | { readonly order: "udp"; readonly address: string; readonly port: number; readonly count: number }
  /** Hear what is sent to a group's port; `interface` is the guest's address for IPv4, `::%NAME` for IPv6. */
  | { readonly order: "join"; readonly group: string; readonly port: number; readonly interface: string }
  /** Wait until so many datagrams have come to the group's socket; the answer is all of them. */
  | { readonly order: "heard"; readonly group: string; readonly count: number }
  /** Send a datagram to a group. */
  | {
      readonly order: "tell";
      readonly group: string;
      readonly port: number;
      readonly interface: string;
      readonly text: string;
    };

export interface GuestReport {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** By group: its socket, and what has come to it. */
const groups = new Map<string, { readonly socket: UdpSocket; readonly texts: string[] }>();
let opened: Socket | undefined;
let accepted: Socket | undefined;

async function run(order: GuestOrder): Promise<unknown> {
  switch (order.order) {
    case "digest":
      return listen(order.port, (socket) => {
        const hash = createHash("sha256");
        let size = 0;
        socket.on("data", (chunk) => {
          hash.update(chunk);
          size += chunk.length;
        });
        socket.on("end", () => socket.end(`${order.name} ${size} ${hash.digest("hex")}`));
      });
    case "say":
      return say(order);
    case "echo":
      return listen(order.port, (socket) => {
        accepted = socket;
        echo(socket, false);
      });
    case "open":
      opened = connect({ host: order.address, port: order.port });
      await once(opened, "connect");
      echo(opened, true);
      return undefined;
    case "talk":
      return talk(order.accepted ? accepted : opened, order.text);
    case "udp-echo": {
      const socket = createSocket("udp4");
      socket.on("message", (data, { port, address }) => {
        socket.send(data, port, address);
      });
      return bind(socket, order.port);
    }
    case "udp":
      return Promise.all(Array.from({ length: order.count }, (_, at) => ask(order, `datagram ${at}`)));
    case "join":
      return join(order);
    case "heard":
      return heard(order.group, order.count);
    case "tell":
      return tell(order);
  }
}

async function listen(port: number, take: (socket: Socket) => void): Promise<undefined> {
  const server = createServer({ allowHalfOpen: true }, take);
  server.listen(port);
  await once(server, "listening");
  return undefined;
}

async function say({ address, port, size, localPort }: Extract<GuestOrder, { order: "say" }>): Promise<unknown> {
  const socket = connect({ host: address, port, ...(localPort === undefined ? {} : { localPort }) });
  const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, at) => at % 251));
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString()));
  socket.end(bytes);
  await once(socket, "close");
  return { answer, digest: createHash("sha256").update(bytes).digest("hex") };
}

/** Texts that one side begins are `>TEXT`; the other answers `<TEXT`. */
function echo(socket: Socket, isOpener: boolean): void {
  let rest = "";
  socket.on("data", (chunk) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith(">")) socket.write(`<${line.slice(1)}\n`);
      else socket.emit("heard", line.slice(1));
    }
  });
  socket.on("error", (error) => {
    process.stderr.write(`${isOpener ? "opened" : "accepted"} connection: ${error.message}\n`);
  });
}

async function talk(socket: Socket | undefined, text: string): Promise<unknown> {
  if (socket === undefined) throw new Error("no connection");
  const heard = once(socket, "heard", { signal: AbortSignal.timeout(30_000) });
  socket.write(`>${text}\n`);
  const [answer] = (await heard) as [string];
  return answer;
}

async function bind(socket: UdpSocket, port: number): Promise<undefined> {
  socket.bind(port);
  await once(socket, "listening");
  return undefined;
}

async function ask({ address, port }: { address: string; port: number }, text: string): Promise<string> {
  const socket = createSocket("udp4");
  try {
    await bind(socket, 0);
    const answered = once(socket, "message", { signal: AbortSignal.timeout(30_000) });
    socket.send(text, port, address);
    const [data] = (await answered) as [Buffer];
    return data.toString();
  } finally {
    socket.close();
  }
}

async function join(order: Extract<GuestOrder, { order: "join" }>): Promise<undefined> {
  const socket = groupSocket(order.group);
  const texts: string[] = [];
  groups.set(order.group, { socket, texts });
  socket.on("message", (data) => {
    texts.push(data.toString());
    socket.emit("told");
  });
  await bind(socket, order.port);
  socket.addMembership(order.group, order.interface);
  return undefined;
}

async function heard(group: string, count: number): Promise<readonly string[]> {
  const joined = groups.get(group);
  if (joined === undefined) throw new Error(`no member of ${group}`);
  const { socket, texts } = joined;
  const signal = AbortSignal.timeout(30_000);
  while (texts.length < count) await once(socket, "told", { signal });
  return texts;
}

async function tell({ group, port, interface: by, text }: Extract<GuestOrder, { order: "tell" }>): Promise<void> {
  const socket = groupSocket(group);
  try {
    await bind(socket, 0);
    socket.setMulticastInterface(by);
    // What a member hears has been on the wire.
    socket.setMulticastLoopback(false);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    socket.send(text, port, group, (error) => {
      if (error === null) resolve(undefined);
      else reject(error);
    });
    await promise;
  } finally {
    socket.close();
  }
}

function groupSocket(group: string): UdpSocket {
  return createSocket({ type: group.includes(":") ? "udp6" : "udp4", reuseAddr: true });
}

process.on("message", ({ id, order }: { readonly id: number; readonly order: GuestOrder }) => {
  run(order).then(
    (value) => process.send?.({ id, value } satisfies GuestReport),
    (error: unknown) => process.send?.({ id, error: String(error) } satisfies GuestReport),
  );
});
process.on("disconnect", () => process.exit());
process.send?.({ id: 0 } satisfies GuestReport);
