import type { DataplaneLog } from "../dataplane.ts";
import { observedPort } from "./observed-port.ts";
import type { PacketTaker, PortOpener } from "./port.ts";

/** The same port, with the first bytes of what comes and goes in the log. */
export function loggedPort(open: PortOpener, number: number, mostBytes: number, log: DataplaneLog): PortOpener {
  const tell =
    (what: string): PacketTaker =>
    (bytes, start, length) => {
      const shown = Buffer.from(bytes.subarray(start, start + Math.min(length, mostBytes))).toString("hex");
      log("info", `port ${number}: ${what} ${length} bytes: ${shown}${length > mostBytes ? "…" : ""}`);
    };
  return observedPort(open, () => ({ received: tell("received"), sent: tell("sent") }));
}
