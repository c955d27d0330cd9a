import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { type Dns, dnsCodec } from "../../packet/index.ts";

/** A socket for DNS messages over UDP, bound to one address. */
export interface DnsSocket extends AsyncDisposable {
  readonly port: number;
  send(message: Dns, to: { readonly address: string; readonly port: number }): void;
}

/**
 * Bind one; `message` is called for each message that can be read. Rejects with the error of bind(2). What cannot be sent is
 * lost, as any datagram may be.
 */
export async function openDnsSocket(
  { address, port }: { readonly address: string; readonly port: number },
  message: (message: Dns, from: RemoteInfo) => void,
): Promise<DnsSocket> {
  const socket = createSocket({ type: address.includes(":") ? "udp6" : "udp4", ipv6Only: address.includes(":") });
  const bound = once(socket, "listening");
  socket.bind({ address, port });
  await bound;
  socket.on("error", () => undefined);
  socket.on("message", (bytes, from) => {
    const decoded = dnsCodec.decode(bytes);
    if (typeof decoded !== "string") message(decoded.layer, from);
  });
  return {
    port: socket.address().port,
    send(answer, to) {
      socket.send(dnsCodec.encode(answer), to.port, to.address, () => undefined);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}
