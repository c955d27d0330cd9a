import type { IpAddress } from "../parse/address.ts";
import type { Frame } from "../parse/frame.ts";

/** Where frames leave the engine. A frame is valid only during the call: its buffer is used again. */
export interface Outlet {
  /**
   * Send a frame on the underlay. The MAC addresses of its outer header are zero, for multicast the destination is set.
   * `nextHop`: the address to route towards. `hash`: of the flow, to choose among equal ways.
   */
  underlay(frame: Frame, nextHop: IpAddress, hash: number): void;
  /** Give a frame to a port's guest. */
  guest(port: string, frame: Frame): void;
}
