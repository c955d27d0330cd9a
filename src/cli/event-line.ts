import type { TestbedEvent } from "../testbed/protocol.ts";
import type { Colors } from "./terminal.ts";

/** An event as one line for a person: elapsed seconds, what it is about, what happened. */
export function eventLine(event: TestbedEvent, colors: Colors): string {
  const time = colors.dim(`${(event.elapsedMs / 1000).toFixed(2).padStart(7)} s`);
  const [subject, text] = describeEvent(event, colors);
  return `${time}  ${subject}  ${text}`;
}

function describeEvent(event: TestbedEvent, colors: Colors): readonly [subject: string, text: string] {
  switch (event.type) {
    case "phase":
      return [colors.bold(event.phase), event.message];
    case "progress": {
      const share = event.fraction === undefined ? "" : ` (${Math.round(event.fraction * 100)} %)`;
      return [event.step, `${event.message}${share}`];
    }
    case "node": {
      const state = event.state === "ready" ? colors.green(event.state) : event.state;
      return [event.node, event.message === undefined ? state : `${state}: ${firstLine(event.message)}`];
    }
    case "node-failed":
      return [event.node, colors.red(`failed: ${firstLine(event.error.message)}`)];
    case "wire":
      return [`wire ${event.wire}`, event.message];
    case "panel":
      return ["panel", firstLine(event.message)];
    case "state":
      return ["testbed", event.error === undefined ? event.state : `${event.state}: ${firstLine(event.error.message)}`];
    case "notice":
      return [colors.yellow("notice"), firstLine(event.message)];
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
