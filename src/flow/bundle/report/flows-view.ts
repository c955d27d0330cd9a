import type { FlowRecord, FlowRound, RunRecord } from "../../run/run-record.ts";
import { flakeRate, stateOf } from "../../run/verdict.ts";
import { html, type Html } from "./html.ts";
import { duration } from "./times.ts";

const marks = { passed: "✓", failed: "✕", skipped: "–" } as const;

/** All flows by file, each a line; one that failed opens to what is known of its failures, as `failures` tells them. */
export function flowsView(run: RunRecord, failures: (flow: FlowRecord, round: FlowRound) => Html): Html {
  const files = [...new Set(run.flows.map(({ file }) => file))];
  const longest = Math.max(1, ...run.flows.flatMap(({ rounds }) => rounds.map(({ durationMs }) => durationMs)));
  return html`${files.map((file) => {
    const flows = run.flows.filter((flow) => flow.file === file);
    return html`<section class="file">
      <h3>${file}</h3>
      ${flows.map((flow) => flowView(flow, longest, failures))}
    </section>`;
  })}`;
}

function flowView(flow: FlowRecord, longest: number, failures: (flow: FlowRecord, round: FlowRound) => Html): Html {
  const state = stateOf(flow);
  const { runs, failed } = flakeRate(flow);
  const last = flow.rounds.at(-1);
  const left = [...new Set(flow.rounds.flatMap(({ leftBehind }) => leftBehind))];
  const failedRounds = flow.rounds.filter((round) => round.state === "failed");
  const mean = flow.rounds.reduce((sum, { durationMs }) => sum + durationMs, 0) / Math.max(1, flow.rounds.length);
  const line = html`<span class="mark ${state}">${marks[state]}</span>
    <span class="flow-name">${flow.name}</span>
    ${flow.rounds.length > 1 ? html`<span class="rounds" title="${`failed ${failed} of ${runs}`}">${flow.rounds.map(({ state: each }) => html`<i class="${each}"></i>`)}</span>` : undefined}
    ${runs > 1 && failed > 0 ? html`<span class="rate">${`fails ${((100 * failed) / runs).toFixed(0)} %`}</span>` : undefined}
    ${left.length === 0 ? undefined : html`<span class="badge" title="${left.join("\n")}">left ${left.length} behind</span>`}
    ${state === "skipped" ? html`<span class="quiet">${last?.note ?? "skipped"}</span>` : html`<span class="bar" aria-hidden="true"><i style="width:${`${Math.max(1, (100 * mean) / longest)}%`}"></i></span><span class="took">${duration(mean)}</span>`}`;
  if (failedRounds.length === 0 && left.length === 0) return html`<div class="flow ${state}">${line}</div>`;
  return html`<details class="flow ${state}" ${state === "failed" && html`open`}>
    <summary>${line}</summary>
    <div class="flow-body">
      ${flow.rounds.length === 1 ? failedRounds.map((round) => failures(flow, round)) : failedRounds.map((round, index) => roundView(round, index === 0, failures(flow, round)))}
      ${
        left.length === 0
          ? undefined
          : html`<h4>Left behind</h4>
              <ul class="troubles">
                ${left.map((change) => html`<li>${change}</li>`)}
              </ul>`
      }
    </div>
  </details>`;
}

/** One of several rounds that failed; the first is open, and often tells it all. */
function roundView({ round, failures }: FlowRound, open: boolean, content: Html): Html {
  const reason = failures[0]?.message.split("\n")[0] ?? "failed";
  return html`<details class="round" ${open && html`open`}>
    <summary>Round ${round} <span class="quiet">${reason}</span></summary>
    ${content}
  </details>`;
}
