import type { Role } from "../line/line.ts";
import type { NodeView } from "../model/bed.ts";
import { shareText, shortNumber, unknown } from "../model/quantity.ts";
import { frameRate, type WireView, wireFaults, worseLoss } from "../model/wire.ts";

/** A sign for a state, readable without colour, and its colour. */
export function nodeSign(state: NodeView["state"]): { readonly sign: string; readonly role: Role } {
  switch (state) {
    case "ready":
      return { sign: "●", role: "good" };
    case "starting":
    case "identifying":
    case "settling":
      return { sign: "◐", role: "busy" };
    case "waiting":
      return { sign: "○", role: "muted" };
    case "paused":
      return { sign: "‖", role: "warning" };
    case "stopped":
      return { sign: "■", role: "warning" };
    case "failed":
      return { sign: "✖", role: "bad" };
    case "unknown":
      return { sign: unknown, role: "muted" };
  }
}

/** What is written at a wire: what is wrong with it, or what it loses, or frames per second. At most six columns. */
export function wireLabel(wire: WireView | undefined): { readonly text: string; readonly role: Role } {
  if (wire === undefined) return { text: unknown, role: "muted" };
  if (wire.direct) return { text: "direct", role: "muted" };
  const faults = wireFaults(wire);
  if (faults.includes("down")) return { text: "✖down", role: "bad" };
  if (faults.some((fault) => fault.startsWith("cut"))) return { text: "✖cut", role: "bad" };
  const loss = worseLoss(wire);
  if (loss !== undefined && loss > 0) return { text: `▲${shareText(loss)}`, role: "warning" };
  const rate = frameRate(wire);
  const text = rate === undefined ? unknown : `${shortNumber(rate)}/s`;
  return faults.includes("impaired")
    ? { text: `▲${shortNumber(rate)}`, role: "warning" }
    : { text, role: lineRole(wire) };
}

/** The colour of the line of a wire. */
export function lineRole(wire: WireView | undefined): Role {
  if (wire === undefined) return "muted";
  const faults = wireFaults(wire);
  if (faults.includes("down") || faults.some((fault) => fault.startsWith("cut"))) return "bad";
  if (faults.includes("impaired") || (worseLoss(wire) ?? 0) > 0) return "warning";
  return (frameRate(wire) ?? 0) > 0 ? "good" : "muted";
}
