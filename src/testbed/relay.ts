import { finished, pipeline } from "node:stream/promises";
import type { Channel, Connection } from "../channel/index.ts";

/** Byte streams that calls to agents and panels use: standard input, standard output (or the only one), standard error. */
const relayedStreams = [0, 1, 2] as const;

/**
 * Let two channels be one: bytes, messages, cancellation and the result of `onward` reach the opener of `channel` and back.
 * Returns the result of `onward`.
 */
export async function relay(channel: Channel, onward: Channel): Promise<unknown> {
  channel.signal.addEventListener("abort", () => {
    onward.cancel();
  });
  channel.onMessage((message) => {
    onward.send(message);
  });
  onward.onMessage((message) => {
    channel.send(message);
  });
  const outputs = relayedStreams.map(async (stream) => {
    // An end that stops reading or goes away ends this stream alone; the result tells the rest.
    void pipeline(channel.readable(stream), onward.writable(stream)).catch(() => undefined);
    const out = channel.writable(stream);
    await pipeline(onward.readable(stream), out).catch(() => undefined);
    await finished(out).catch(() => undefined);
  });
  await Promise.all(outputs);
  return onward.result;
}

/** Open `method` on `connection` and relay `channel` to it. */
export function relayTo(
  connection: Pick<Connection, "open">,
  channel: Channel,
  method: string,
  params: unknown,
): Promise<unknown> {
  return relay(channel, connection.open(method, params));
}
