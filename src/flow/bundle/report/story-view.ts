import { describe, explain } from "../../../packet/index.ts";
import { html, type Html } from "./html.ts";
import type { Incident, ShownFrame, Story } from "./story.ts";
import { since } from "./times.ts";
import type { FailingPlace } from "../failing-hop.ts";
import type { TimelineEntry } from "../layout.ts";

/** Steps and frames in the order of time; a frame opens to its fields and bytes. */
export function storyView(story: Story, place: FailingPlace, identifier: string): Html {
  const background = story.frames.filter((shown) => shown.background).length;
  const toggle =
    background === 0
      ? undefined
      : html`<label class="toggle"
          ><input type="checkbox" id="${identifier}" /> background frames too (${background})</label
        >`;
  const omitted =
    story.omitted === 0
      ? undefined
      : html`<p class="quiet">${story.omitted} earlier frames are in wires.pcapng only.</p>`;
  return html`<section class="story">
    <header>
      <h4>What happened</h4>
      ${toggle}
    </header>
    ${omitted}
    <div class="rows">${story.incidents.map((incident) => row(incident, story.begin, place))}</div>
  </section>`;
}

function row(incident: Incident, origin: number, place: FailingPlace): Html {
  return incident.type === "entry"
    ? entryRow(incident.entry, origin)
    : frameRow(incident.shown, origin, place.wires.includes(incident.shown.frame.wire));
}

/** A line of a timeline. */
export function entryRow(entry: TimelineEntry, origin: number): Html {
  const { kind, text, outcome, testbed } = entry;
  const subject = kind === "testbed" ? (testbed ?? "") : kind;
  return html`<div class="row entry ${kind} ${outcome}">
    <time>${since(origin, entry.at)}</time><b class="kind ${kind}">${subject}</b>
    <span class="text">${text}</span>
  </div>`;
}

function frameRow({ frame, packet, at, background }: ShownFrame, origin: number, failing: boolean): Html {
  const lost = frame.fate !== "delivered";
  const notes = [
    ...(lost ? [`not delivered: ${frame.fate}`] : []),
    ...(frame.comment === undefined ? frame.marks : [frame.comment]),
  ];
  const classes = [
    "row",
    "frame-row",
    ...(lost ? ["lost"] : []),
    ...(background ? ["background"] : []),
    ...(failing ? ["failing"] : []),
  ];
  return html`<details class="${classes.join(" ")}">
    <summary>
      <time>${since(origin, at)}</time><span class="hop">${frame.from} <span class="arrow">→</span> ${frame.to}</span>
      <span class="text">${describe(packet)} ${notes.map((note) => html`<em class="note">${note}</em> `)}</span>
    </summary>
    <div class="frame-details">
      <pre>${explain(packet)}</pre>
      <pre class="bytes">${hexDump(frame.frame)}</pre>
    </div>
  </details>`;
}

/** Sixteen bytes a line: offset, hexadecimal digits, printable characters. */
export function hexDump(hex: string): string {
  const lines: string[] = [];
  for (let at = 0; at < hex.length; at += 32) {
    const digits = hex.slice(at, at + 32).replaceAll(/(..)/g, "$1 ");
    const characters = Buffer.from(hex.slice(at, at + 32), "hex")
      .toString("latin1")
      .replaceAll(/[^\x20-\x7e]/g, "·");
    lines.push(`${(at / 2).toString(16).padStart(4, "0")}  ${digits.padEnd(48)} ${characters}`);
  }
  return lines.join("\n");
}
