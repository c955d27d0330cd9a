import { basename } from "node:path";
import type { RunRecord, TestbedRecord } from "../../run/run-record.ts";
import { html, type Html } from "./html.ts";
import { entryRow } from "./story-view.ts";
import type { TimelineEntry } from "../layout.ts";

/** Everything that went into a run: software, host, images, machines, flow files. */
export function inputsView(run: RunRecord): Html {
  const { project, software, host, testbeds } = run;
  const provenance = testbeds.flatMap((testbed) => testbed.provenance ?? []);
  const images = new Map(provenance.flatMap(({ images }) => images).map((image) => [image.digest, image]));
  const [first] = provenance;
  const commit =
    project.commit === null
      ? "not a git repository"
      : `${project.commit}${project.dirty === true ? " with changes" : ""}`;
  const facts: (readonly [string, string])[] = [
    ["seed", run.seed],
    ["project", project.root],
    ["commit", commit],
    ["Kestrel", `${software.kestrel} on Node.js ${software.node}`],
    ...(first === undefined
      ? []
      : ([
          ["QEMU", `${first.qemu.version} (${first.qemu.path}), ${first.accelerator}`],
          ["code in the nodes", first.stackDigest.slice(0, 16)],
        ] as const)),
    ["host", `Linux ${host.kernel}, ${host.cpuModel}, ${host.cpus} CPUs, ${host.memoryMiB} MiB`],
  ];
  return html`<dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${fold(
      "Host, as kestrel doctor knows it",
      host.checks.length,
      html`<table>
        ${host.checks.map(
          ({ name, verdict, found }) =>
            html`<tr class="${verdict}">
              <th>${name}</th>
              <td>${found}</td>
            </tr>`,
        )}
      </table>`,
    )}
    ${[...images.values()].map((image) =>
      fold(
        `Image ${image.name} ${image.digest.slice(0, 16)}: packages`,
        Object.keys(image.packages).length,
        html`<p class="quiet">Linux ${image.kernelRelease}, Node.js ${image.nodeVersion}</p>
          <table class="packages">
            ${Object.entries(image.packages).map(
              ([name, version]) =>
                html`<tr>
                  <th>${name}</th>
                  <td>${version}</td>
                </tr>`,
            )}
          </table>`,
      ),
    )}
    ${fold(
      "Flow files",
      run.files.length,
      html`<table>
        ${run.files.map(
          ({ path, sha256 }) =>
            html`<tr>
              <th><a href="flows/${path}">${path}</a></th>
              <td><code>${sha256.slice(0, 16)}</code></td>
            </tr>`,
        )}
      </table>`,
    )}
    ${testbeds.map(testbedView)}`;
}

function testbedView({ name, topology, plan, planSha256, provenance }: TestbedRecord): Html {
  const nodes = provenance?.nodes ?? [];
  return fold(
    `Testbed ${name}: machines`,
    nodes.length,
    html`<p class="quiet">
        topology ${topology}, plan <a href="${plan}">${basename(plan)}</a> <code>${planSha256.slice(0, 16)}</code>
      </p>
      ${nodes.map(
        ({ name: node, template, commandLine }) =>
          html`<p>
              <b>${node}</b>
              <span class="quiet">${template === null ? "booted" : `clone of template ${template}`}</span>
            </p>
            <pre>
${(commandLine ?? ["not running"])
                .map(quoted)
                .join(" ")
                .replaceAll(/ (?=-[a-z])/g, "\n  ")}</pre>`,
      )}`,
  );
}

/** Entries of the timeline that are shown; a run of many rounds has many more, in its file. */
const shownEntries = 2000;

/** The timeline of the whole run, or its end. */
export function timelineView(entries: readonly TimelineEntry[], origin: number): Html {
  return fold(
    "Timeline of the whole run",
    entries.length,
    html`<div class="rows">
      ${entries
        .toSorted((a, b) => a.at - b.at)
        .slice(-shownEntries)
        .map((entry) => entryRow(entry, origin))}
    </div>`,
  );
}

function fold(title: string, count: number, content: Html): Html {
  return html`<details class="fold">
    <summary>${title} <span class="quiet">${count}</span></summary>
    ${content}
  </details>`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
