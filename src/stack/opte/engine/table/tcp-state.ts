import { tcpFlag } from "../parse/packet.ts";

/** States of a TCP flow as the guest sees it (specification, section 1.9); the number is the place in the list. */
export const tcpStates = [
  "CLOSED",
  "LISTEN",
  "SYN_SENT",
  "SYN_RCVD",
  "ESTABLISHED",
  "CLOSE_WAIT",
  "LAST_ACK",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "TIME_WAIT",
] as const;

export type TcpStateName = (typeof tcpStates)[number];

const closed = 0;
const listen = 1;
const synSent = 2;
const synReceived = 3;
const established = 4;
const closeWait = 5;
const lastAck = 6;
const finWait1 = 7;
const finWait2 = 8;
const timeWait = 9;

export const tcpClosed = closed;

/** No transition: the segment does not fit the state. */
export const tcpInvalid = -1;

/** Whether the guest has sent its FIN. */
export function guestHasFinished(state: number): boolean {
  return state === lastAck || state >= finWait1;
}

/** Milliseconds after the last segment that a flow in this state is kept. */
export function tcpLifetime(state: number): number {
  return lifetimes[state] ?? 0;
}

const lifetimes = [0, 5, 5, 5, 8000, 120, 5, 120, 120, 120].map((seconds) => seconds * 1000);

/** Whether a state is one of opening, of being open, or of closing: what eviction goes by. */
export function tcpPhase(state: number): "opening" | "established" | "closing" | "closed" {
  if (state === closed) return "closed";
  if (state === listen || state === synSent || state === synReceived) return "opening";
  return state === established ? "established" : "closing";
}

/** Next state when a segment arrives at the guest. `finAcknowledged`: it acknowledges the guest's FIN. */
export function tcpReceive(state: number, flags: number, finAcknowledged: boolean): number {
  if (flags & tcpFlag.rst) return closed;
  const fin = (flags & tcpFlag.fin) !== 0;
  const syn = (flags & tcpFlag.syn) !== 0;
  const ack = (flags & tcpFlag.ack) !== 0;
  switch (state) {
    case closed:
      return ack ? established : syn ? listen : tcpInvalid;
    case listen:
      return syn ? listen : tcpInvalid;
    case synSent:
      return syn && ack ? established : tcpInvalid;
    case synReceived:
      return ack ? established : syn ? synReceived : tcpInvalid;
    case established:
      return fin ? closeWait : syn ? tcpInvalid : established;
    case closeWait:
      return fin || ack ? closeWait : tcpInvalid;
    case lastAck:
      return ack ? (finAcknowledged ? closed : lastAck) : tcpInvalid;
    case finWait1:
      if (fin && ack) return timeWait;
      return ack ? (finAcknowledged ? finWait2 : finWait1) : tcpInvalid;
    case finWait2:
      if (fin && finAcknowledged) return timeWait;
      return ack ? finWait2 : tcpInvalid;
    case timeWait:
      return fin || ack ? timeWait : tcpInvalid;
    default:
      return tcpInvalid;
  }
}

/** Next state when the guest sends a segment. */
export function tcpSend(state: number, flags: number): number {
  if (flags & tcpFlag.rst) return closed;
  const fin = (flags & tcpFlag.fin) !== 0;
  const syn = (flags & tcpFlag.syn) !== 0;
  const ack = (flags & tcpFlag.ack) !== 0;
  switch (state) {
    case closed:
      return syn ? synSent : ack ? established : tcpInvalid;
    case listen:
      return syn && ack ? synReceived : tcpInvalid;
    case synSent:
      return syn ? synSent : tcpInvalid;
    case synReceived:
      return syn && ack ? synReceived : tcpInvalid;
    case established:
      return fin ? finWait1 : syn ? tcpInvalid : established;
    case finWait1:
      return fin || ack ? finWait1 : tcpInvalid;
    case finWait2:
    case timeWait:
      return ack ? state : tcpInvalid;
    case closeWait:
      return fin ? lastAck : closeWait;
    case lastAck:
      return fin || ack ? lastAck : tcpInvalid;
    default:
      return tcpInvalid;
  }
}
