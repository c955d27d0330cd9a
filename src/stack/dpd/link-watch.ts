import { type LinkEvent, listLinks, parseLinkEvent } from "../../netdev/links.ts";
import { openNetlinkSocket, watchNetlink } from "../../netdev/netlink-socket.ts";
import type { DaemonLog } from "../daemon/log.ts";
import type { LinkMonitor } from "./link-monitor.ts";

/**
 * Tell a monitor the carrier of every interface of this network namespace, now and as the kernel notifies of it, until
 * disposed of. Throws where netlink sockets cannot be had.
 */
export function watchLinks(monitor: LinkMonitor, log: DaemonLog): Disposable {
  const tell = ({ event, link }: LinkEvent): void => {
    monitor.told(link.name, event === "gone" ? "unknown" : link.carrier ? "up" : "down");
  };
  const socket = openNetlinkSocket();
  const list = (): void => {
    listLinks(socket).then(
      (links) => {
        for (const link of links) tell({ event: "present", link });
      },
      (error: unknown) => {
        log.error({ err: error }, "the interfaces cannot be listed");
      },
    );
  };
  let watch: Disposable;
  try {
    // Before the list is asked for, so that nothing is missed between the two.
    watch = watchNetlink(["links"], {
      message: (message) => {
        const event = parseLinkEvent(message);
        if (event !== undefined) tell(event);
      },
      lost: list,
    });
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
  list();
  return {
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      socket[Symbol.dispose]();
    },
  };
}
