import type { FlowRecord, FlowRound, RunFault } from "../../run/run-record.ts";
import { tally } from "../../run/verdict.ts";
import type { TimelineEntry } from "../layout.ts";
import { type Bundle, readEvidence } from "../read-bundle.ts";
import { evidenceView, reasonView } from "./failure-view.ts";
import { flowsView } from "./flows-view.ts";
import { html, type Html } from "./html.ts";
import { inputsView, timelineView } from "./inputs-view.ts";
import { style } from "./style.ts";
import { duration, moment } from "./times.ts";

/** Failed rounds of a flow whose frames and logs are in the page itself; those of more would make it too big to open. */
const roundsWithEvidence = 3;

/** The report of a run: one HTML page that needs nothing but itself, and links to the files beside it. */
export async function reportHtml(bundle: Bundle): Promise<string> {
  const { run, timeline } = bundle;
  const views = new Map<FlowRound, Html>();
  for (const flow of run.flows) {
    const failedRounds = flow.rounds.filter((round) => round.state === "failed");
    for (const [index, round] of failedRounds.entries())
      views.set(round, await failedRound(bundle, flow, round, index < roundsWithEvidence));
  }
  const { passed, failed, skipped } = tally(run.flows);
  const rounds = Math.max(0, ...run.flows.map((flow) => flow.rounds.length));
  const counts: readonly (readonly [string, number, string])[] = [
    ["failed", failed, "failed"],
    ["passed", passed, "passed"],
    ["skipped", skipped, "skipped"],
    ["failed", run.faults.length, run.faults.length === 1 ? "fault of the run" : "faults of the run"],
  ];
  const title = `${run.verdict === "passed" ? "Passed" : run.verdict === "failed" ? "Failed" : "No flows"} · ${moment(run.startedAt)}`;
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <header class="top ${run.verdict}">
          <div class="page">
            <p class="brand">Kestrel flow run</p>
            <h1>
              ${run.verdict === "passed" ? "All flows passed" : run.verdict === "failed" ? failedTitle(failed, run.faults.length) : "There were no flows to run"}
            </h1>
            <p class="meta">
              <span>${moment(run.startedAt)}</span><span>${duration(run.durationMs)}</span>
              ${rounds > 1 ? html`<span>${rounds} rounds</span>` : undefined}
              <span>seed <code>${run.seed}</code></span>
              ${run.project.commit === null ? undefined : html`<span>commit <code>${run.project.commit.slice(0, 10)}</code>${run.project.dirty === true ? " + changes" : ""}</span>`}
              ${run.request.shard === undefined ? undefined : html`<span>shard ${run.request.shard.index}/${run.request.shard.count}</span>`}
            </p>
            <p class="counts">
              ${counts.filter(([, count]) => count > 0).map(([kind, count, noun]) => html`<span class="count ${kind}"><b>${count}</b> ${noun}</span>`)}
            </p>
            <p class="again">Run it again: <code>kestrel flow replay ${run.bundle}</code></p>
          </div>
        </header>
        <main class="page">
          ${run.faults.map(faultView)} ${flowsView(run, (_flow, round) => views.get(round) ?? html``)}
          <h2>The run</h2>
          ${timelineView(timeline, run.startedAt)} ${inputsView(run)}
        </main>
      </body>
    </html>`.text
  }\n`;
}

function failedTitle(failed: number, faults: number): string {
  if (failed > 0) return failed === 1 ? "One flow failed" : `${failed} flows failed`;
  return faults === 1 ? "The run failed" : `The run failed in ${faults} places`;
}

function faultView(fault: RunFault): Html {
  return html`<section class="file">
    <h3>${fault.file ?? "the run"}</h3>
    <details class="flow failed" open>
      <summary><span class="mark failed">✕</span> <span class="flow-name">does not run</span></summary>
      <div class="flow-body">${reasonView(fault)}</div>
    </details>
  </section>`;
}

async function failedRound(bundle: Bundle, flow: FlowRecord, round: FlowRound, withEvidence: boolean): Promise<Html> {
  const views: Html[] = [];
  for (const directory of round.evidence) {
    if (!withEvidence) {
      views.push(html`<p class="files">What was kept is in <a href="${directory}">${directory}</a>.</p>`);
      continue;
    }
    const evidence = await readEvidence(bundle.directory, directory);
    const record = bundle.run.testbeds.find(({ name }) => name === evidence.scene.testbed);
    const plan = record === undefined ? undefined : bundle.plans.get(record.plan);
    if (plan === undefined) continue;
    const entries = stepsOf(bundle.timeline, flow, round, evidence.scene.testbed);
    views.push(await evidenceView(evidence, plan, round, entries));
  }
  const underWay = round.underWay.map((step) => html`<li>when it ended it was busy: ${step}</li>`);
  return html`${round.failures.map(reasonView)}
  ${
    underWay.length === 0
      ? undefined
      : html`<ul class="troubles">
          ${underWay}
        </ul>`
  }
  ${views}`;
}

/** What a flow did in a round, and what happened meanwhile to its testbed. */
function stepsOf(
  timeline: readonly TimelineEntry[],
  flow: FlowRecord,
  { round }: FlowRound,
  testbed: string,
): readonly TimelineEntry[] {
  const own = timeline.filter(
    (entry) => entry.round === round && entry.flow?.file === flow.file && entry.flow.name === flow.name,
  );
  const begin = own.find((entry) => entry.kind === "launch" && entry.testbed === testbed)?.at ?? own[0]?.at ?? 0;
  const end = own.at(-1)?.at ?? Number.POSITIVE_INFINITY;
  const events = timeline.filter(
    (entry) => entry.kind === "testbed" && entry.testbed === testbed && entry.at >= begin && entry.at <= end,
  );
  const steps = own.filter((entry) => entry.testbed === undefined || entry.testbed === testbed);
  return [...steps, ...events].toSorted((a, b) => a.at - b.at);
}
