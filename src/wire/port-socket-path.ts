import { createHash } from "node:crypto";

/** Directory of the port sockets, relative to the run directory. */
export const portDirectory = "w";

/** A socket path must fit into `sun_path` (108 bytes, unix(7)) with room for what a shell or QEMU puts in front. */
const longestPath = 100;

/** Name of a port on the panel: `node:port`. */
export function portName(node: string, port: string): string {
  return `${node}:${port}`;
}

/**
 * Path of a port's socket, relative to the run directory: what QEMU's `-netdev stream,server=off,addr.type=unix,addr.path=`
 * gets, started there. A function of the names alone, so both sides know it without asking.
 */
export function portSocketPath(node: string, port: string): string {
  const path = `${portDirectory}/${node}.${port}`;
  if (Buffer.byteLength(path) <= longestPath) return path;
  return `${portDirectory}/${createHash("sha256").update(path).digest("hex").slice(0, 40)}`;
}
