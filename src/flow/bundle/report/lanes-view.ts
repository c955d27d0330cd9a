import { describe } from "../../../packet/index.ts";
import type { Plan } from "../../../topology/index.ts";
import { type FailingPlace, placesIn, wireNames } from "../failing-hop.ts";
import { html, type Html } from "./html.ts";
import type { FaultSpan, ShownFrame, Story } from "./story.ts";
import { duration } from "./times.ts";

/** Frames drawn on a lane; of more, every so-and-so-many-th. */
const ticksPerLane = 600;

/** A lane for each wire: its frames in time, above the line what end a sent, below it what end b sent; faults are shaded. */
export function lanesView(plan: Plan, story: Story, spans: readonly FaultSpan[], place: FailingPlace): Html {
  const begin = Math.min(story.begin, story.frames[0]?.at ?? story.begin);
  const length = Math.max(1, story.end - begin);
  const percent = (at: number): string => `${(Math.min(1, Math.max(0, (at - begin) / length)) * 100).toFixed(3)}%`;
  const lanes = wireNames(plan).map((name) => {
    const frames = story.frames.filter(({ frame }) => frame.wire === name);
    const stride = Math.max(1, Math.ceil(frames.length / ticksPerLane));
    const own = spans.filter((span) => concerns(plan, span, name));
    return html`<div class="lane${place.wires.includes(name) ? " failing" : ""}">
      <div class="lane-name" title="${name}">${name}</div>
      <div class="track">
        ${own.map((span) => band(span, percent))}
        ${frames.filter((_, index) => index % stride === 0).map((shown) => tick(shown, percent))}
        <i class="end" style="left:100%"></i>
      </div>
    </div>`;
  });
  const marks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => html`<span style="left:${`${share * 100}%`}">${share === 0 ? "0" : duration(share * length)}</span>`,
  );
  return html`<div class="lanes">
    ${lanes}
    <div class="lane axis">
      <div class="lane-name"></div>
      <div class="track">${marks}</div>
    </div>
    <p class="legend">
      <span><i class="key frame"></i>delivered</span><span><i class="key frame lost"></i>not delivered</span>
      <span><i class="key frame background"></i>background (ARP, neighbour discovery, …)</span>
      <span><i class="key band"></i>fault</span><span class="quiet">above the line: from end a, below: from end b</span>
    </p>
  </div>`;
}

function tick({ frame, packet, at, background }: ShownFrame, percent: (at: number) => string): Html {
  const classes = [
    "frame",
    frame.direction === "aToB" ? "there" : "back",
    ...(frame.fate === "delivered" ? [] : ["lost"]),
    ...(background ? ["background"] : []),
  ];
  const fate = frame.fate === "delivered" ? "" : ` (not delivered: ${frame.fate})`;
  return html`<i
    class="${classes.join(" ")}"
    style="left:${percent(at)}"
    title="${`${frame.from} → ${frame.to}  ${describe(packet)}${fate}`}"
  ></i>`;
}

function band({ text, begin, end, healed }: FaultSpan, percent: (at: number) => string): Html {
  const right = `calc(100% - ${percent(end)})`;
  return html`<b
    class="band"
    style="left:${percent(begin)};right:${right}"
    title="${text}${healed ? "" : " (never healed)"}"
  ></b>`;
}

/** Whether a fault is about a wire: it names it, or a node at one of its ends. */
function concerns(plan: Plan, { text }: FaultSpan, wire: string): boolean {
  const { wires, nodes } = placesIn(plan, text);
  if (wires.length > 0) return wires.includes(wire);
  const ends = plan.wires.find(({ name }) => name === wire);
  return ends !== undefined && [ends.a.node, ends.b.node].some((node) => nodes.includes(node));
}
