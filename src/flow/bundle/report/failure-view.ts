import type { Plan } from "../../../topology/index.ts";
import { failingPlace, placesIn } from "../failing-hop.ts";
import { evidenceFiles, type TimelineEntry } from "../layout.ts";
import type { Evidence } from "../read-bundle.ts";
import type { FlowFailure, FlowRound } from "../../run/run-record.ts";
import { html, type Html } from "./html.ts";
import { lanesView } from "./lanes-view.ts";
import { faultSpans, tellStory } from "./story.ts";
import { storyView } from "./story-view.ts";
import { topologyView } from "./topology-view.ts";

/** Characters shown of a log; the rest is in the bundle. */
const shownLogCharacters = 30_000;

/** Why a flow failed, in words: message, place in the file, difference. */
export function reasonView({ message, location, codeFrame, diff }: FlowFailure): Html {
  const [first = "", ...rest] = message.split("\n");
  const more = rest.join("\n").replace(/^\n+/, "");
  return html`<div class="reason">
    <p class="headline">${first}</p>
    ${more === "" ? undefined : html`<pre>${more}</pre>`} ${diff === undefined ? undefined : html`<pre>${diff}</pre>`}
    ${location === undefined ? undefined : html`<p class="place">${location.file}:${location.line}:${location.column}</p>`}
    ${codeFrame === undefined ? undefined : html`<pre class="code">${codeFrame}</pre>`}
  </div>`;
}

/** A testbed as a flow left it that failed: drawing, lanes, story, logs. */
export async function evidenceView(
  evidence: Evidence,
  plan: Plan,
  round: FlowRound,
  entries: readonly TimelineEntry[],
): Promise<Html> {
  const { scene, frames, directory } = evidence;
  const place = failingPlace(plan, round.failures, entries, round.underWay);
  const story = tellStory(frames, entries, scene.at);
  const spans = faultSpans(entries, story.end);
  const broken = spans.filter(({ healed }) => !healed).map(({ text }) => placesIn(plan, text));
  const faults = { wires: broken.flatMap(({ wires }) => wires), nodes: broken.flatMap(({ nodes }) => nodes) };
  const names = [...place.wires.map((wire) => `wire ${wire}`), ...place.nodes.map((node) => `node ${node}`)];
  return html`<section class="evidence">
    <h4>
      Where
      <span class="quiet">topology ${scene.topology}, testbed ${scene.testbed}</span>
    </h4>
    ${names.length === 0 ? undefined : html`<p class="failing-place">${names.join(", ")}</p>`}
    <div class="drawing">${await topologyView(plan, place, faults)}</div>
    ${
      spans.length === 0
        ? undefined
        : html`<ul class="faults">
            ${spans.map((span) => html`<li>${span.text}<span class="quiet">${span.healed ? " (healed later)" : " (when the flow failed)"}</span></li>`)}
          </ul>`
    }
    <h4>When</h4>
    ${lanesView(plan, story, spans, place)} ${storyView(story, place, `background-${slugOf(directory)}`)}
    ${nodeList(evidence)} ${logs(evidence)}
    <p class="files">
      <a href="${directory}/${evidenceFiles.capture}">wires.pcapng</a>: every wire around the failure, the flow's steps
      as packet comments
    </p>
  </section>`;
}

function nodeList({ scene }: Evidence): Html {
  const troubled = (scene.status?.nodes ?? []).filter(({ state }) => state !== "ready");
  const lines = [
    ...(scene.status === null ? [`testbed ${scene.testbed} did not answer any more`] : []),
    ...troubled.map(
      ({ name, state, failure }) => `node ${name} was ${state}${failure === null ? "" : `: ${failure.message}`}`,
    ),
    ...scene.missing.map((text) => `not collected: ${text}`),
  ];
  return lines.length === 0
    ? html``
    : html`<ul class="troubles">
        ${lines.map((line) => html`<li>${line}</li>`)}
      </ul>`;
}

function logs({ texts }: Evidence): Html {
  const shown = [...texts].filter(([, text]) => text.trim() !== "");
  if (shown.length === 0) return html``;
  return html`<h4>Nodes</h4>
    <div class="logs">
      ${shown.map(
        ([path, text]) =>
          html`<details>
            <summary>
              ${path
                .replace("consoles/", "console of ")
                .replace("guests/", "")
                .replace(/\.state\.txt$/, ": addresses, routes, neighbours, sockets, processes")
                .replace(/\.log$/, path.startsWith("guests") ? ": kernel and services" : "")}
            </summary>
            <pre>${text.length > shownLogCharacters ? `…\n${text.slice(-shownLogCharacters)}` : text}</pre>
          </details>`,
      )}
    </div>`;
}

function slugOf(directory: string): string {
  return directory.replaceAll(/[^a-z0-9]+/gi, "-");
}
