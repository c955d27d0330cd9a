import { type Packet, tcpFlag } from "../parse/packet.ts";
import { tcpClosed, tcpInvalid, tcpReceive, tcpSend } from "../table/tcp-state.ts";
import type { TcpTable } from "../table/tcp-table.ts";

/**
 * What a segment means for its flow: it stays in its state or changes it; it ends it; it begins a new flow in the place of
 * the old one; it does not fit but may pass; or, with no flow that it belongs to, it is refused.
 */
export type TcpStep = "stay" | "change" | "close" | "new-flow" | "refuse" | "misfit";

/** Where a step leads; read after {@link tcpStep}. */
export const stepResult = { state: tcpClosed as number };

/** Decide what the segment does to the flow in `slot`, or, with -1, to no flow. Changes nothing. */
export function tcpStep(table: TcpTable, slot: number, isIn: boolean, view: DataView, packet: Packet): TcpStep {
  const state = slot < 0 ? tcpClosed : table.state(slot);
  const flags = packet.tcpFlags;
  const next = isIn
    ? tcpReceive(state, flags, slot >= 0 && view.getInt32(packet.ulpAt + 8) === ((table.guestSequence(slot) + 1) | 0))
    : tcpSend(state, flags);
  stepResult.state = next;
  if (next === tcpInvalid) {
    if (slot < 0) return "refuse";
    return flags & tcpFlag.syn ? "new-flow" : "misfit";
  }
  if (next === tcpClosed) return "close";
  return next === state ? "stay" : "change";
}
