import type { Channel } from "../channel/index.ts";

/** Resolves when the agent says that the connection of a `connect` channel is there; what else becomes of it, its result tells. */
export function isConnected(channel: Channel): Promise<undefined> {
  return new Promise((resolve) => {
    channel.onMessage(() => {
      resolve(undefined);
    });
  });
}
