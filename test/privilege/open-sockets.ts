import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A TCP or UDP socket which others can send to. */
export interface OpenSocket {
  readonly pid: number;
  readonly protocol: string;
  /** In hexadecimal, in the byte order of /proc: "0100007F:1F90" is port 8080 of 127.0.0.1. */
  readonly local: string;
}

const listening = "0A";

/** The TCP sockets that listen and all UDP sockets which some processes hold (proc(5), /proc/net/tcp). */
export function openSockets(pids: readonly number[]): readonly OpenSocket[] {
  const sockets = ["tcp", "tcp6", "udp", "udp6"].flatMap((protocol) =>
    readFileSync(`/proc/net/${protocol}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => protocol.startsWith("udp") || state === listening)
      .map(([, local = "", , , , , , , , inode = ""]) => ({ protocol, local, inode })),
  );
  return pids.flatMap((pid) => {
    const held = new Set(
      readdirSync(`/proc/${pid}/fd`).map((descriptor) => /socket:\[(\d+)\]/.exec(linkOf(pid, descriptor))?.[1]),
    );
    return sockets.filter(({ inode }) => held.has(inode)).map(({ protocol, local }) => ({ pid, protocol, local }));
  });
}

function linkOf(pid: number, descriptor: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
  } catch {
    return ""; // It was closed while it was looked at.
  }
}
