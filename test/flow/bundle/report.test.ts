import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeHtml, html } from "../../../src/flow/bundle/report/html.ts";
import { hexDump } from "../../../src/flow/bundle/report/story-view.ts";
import { markPlaces } from "../../../src/flow/bundle/report/topology-view.ts";
import { findProgram } from "../../../src/host/index.ts";
import { graphSvg } from "../../../src/topology/index.ts";
import { cutWire, sampleBundle } from "./sample-bundle.ts";

const chromium = await findProgram("chromium");

/** Open a page in headless Chromium and do one thing with it. */
async function browse(page: string, ...options: readonly string[]): Promise<string> {
  const profile = await mkdtemp("/tmp/ks-chromium-");
  const quiet = ["no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
  const flags = ["headless", "no-sandbox", "disable-gpu", "disable-quic", "hide-scrollbars", ...quiet];
  try {
    const { stdout } = await execa(
      chromium ?? "chromium",
      [...flags.map((flag) => `--${flag}`), `--user-data-dir=${profile}`, ...options, `file://${page}`],
      { timeout: 60_000, stderr: "ignore" },
    );
    return stdout;
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

describe("the report of a run", () => {
  test("is one page that loads nothing from anywhere", async () => {
    await using bundle = await sampleBundle();
    const page = await readFile(join(bundle.directory, "report.html"), "utf8");
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed)\b/);
    expect(page).not.toMatch(/@import|url\(/);
    const addresses = [...page.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, address = ""]) => address);
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(address).not.toMatch(/^[a-z]+:|^\//);
  });

  test("shows names and payloads as text, whatever is in them", async () => {
    await using bundle = await sampleBundle();
    const page = await readFile(join(bundle.directory, "report.html"), "utf8");
    expect(page).toContain("a packet crosses &lt;b&gt;&quot;r1&quot; &amp; h2&lt;/b&gt;");
    expect(page).not.toContain("<script>alert");
  });

  test("tells the failing hop, the fault that held and the one that was healed, and the frame that was lost", async () => {
    await using bundle = await sampleBundle();
    const page = await readFile(join(bundle.directory, "report.html"), "utf8");
    expect(page).toMatch(new RegExp(`class="edge failing broken" data-name="${cutWire}"`));
    expect(page).toMatch(/class="edge" data-name="h1:net0--r1:net0"/);
    expect(page).toMatch(new RegExp(`<li>wire ${cutWire} cut<span class="quiet"> \\(when the flow failed\\)`));
    expect(page).toMatch(/<li>wire h1:net0--r1:net0 down<span class="quiet"> \(healed later\)/);
    expect(page).toMatch(/row frame-row lost failing[^]*?hlim 63 UDP 4000 &gt; 9[^]*?not delivered: cut/);
  });

  test("draws each of several wires once, marks only the one that is meant", async () => {
    await using bundle = await sampleBundle();
    const svg = markPlaces(
      await graphSvg(bundle.plan),
      { wires: [cutWire], nodes: ["h1"] },
      { wires: ["h1:net0--r1:net0"], nodes: [] },
    );
    const marked = [...svg.matchAll(/<g class="((?:edge|node)[^"]*)" data-name="([^"]*)"/g)].map(
      ([, kind, name]) => `${name ?? ""}: ${kind ?? ""}`,
    );
    expect(marked.toSorted()).toEqual([
      "h1: node failing",
      "h1:net0--r1:net0: edge broken",
      "h2: node",
      "r1: node",
      `${cutWire}: edge failing`,
    ]);
  });
});

describe.skipIf(chromium === undefined)("the report in a browser (skipped where chromium is not installed)", () => {
  test.each([
    { width: 1280, scheme: "light" },
    { width: 1280, scheme: "dark" },
    { width: 520, scheme: "light" },
  ])("fits a window of $width pixels on a $scheme screen", { timeout: 90_000 }, async ({ width, scheme }) => {
    await using bundle = await sampleBundle();
    const original = join(bundle.directory, "report.html");
    const probe = join(bundle.directory, "probe.html");
    await copyFile(original, probe);
    // The page itself has no script; this one measures it.
    const measure = `<script>onload = () => {
      const edge = document.querySelector(".edge.failing path"), lane = document.querySelector(".lane.failing .frame.lost");
      const wide = [...document.querySelectorAll("body *")].filter((each) => !each.closest("pre, .drawing, .track") && each.getBoundingClientRect().right > innerWidth + 1);
      document.body.dataset.measured = JSON.stringify({
        overflow: document.documentElement.scrollWidth - innerWidth, wide: wide.map((each) => each.className || each.tagName),
        edge: getComputedStyle(edge).stroke, lane: lane.getBoundingClientRect().height, paper: getComputedStyle(document.body).backgroundColor,
      });
    }</script>`;
    await writeFile(probe, (await readFile(original, "utf8")).replace("</body>", `${measure}</body>`));
    const dark = scheme === "dark" ? ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] : [];
    const dom = await browse(probe, `--window-size=${width},1400`, ...dark, "--dump-dom");
    const [, text = "null"] = /data-measured="([^"]*)"/.exec(dom) ?? [];
    const measured: unknown = JSON.parse(text.replaceAll("&quot;", '"'));
    expect(measured).toEqual({
      overflow: 0,
      wide: [],
      edge: scheme === "dark" ? "rgb(255, 122, 133)" : "rgb(194, 47, 61)",
      lane: 12,
      paper: scheme === "dark" ? "rgb(16, 21, 28)" : "rgb(246, 247, 249)",
    });
  });

  test("is a picture", { timeout: 90_000 }, async () => {
    await using bundle = await sampleBundle();
    const picture = join(bundle.directory, "report.png");
    await browse(join(bundle.directory, "report.html"), "--window-size=1280,1800", `--screenshot=${picture}`);
    // A blank page of this size compresses to some 10 kB.
    expect((await stat(picture)).size).toBeGreaterThan(60_000);
  });
});

test("HTML is escaped but where it is HTML", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const made = html`<p title="${text}">${text}${[html`<b>${1}</b>`]}${undefined}</p>`.text;
      expect(made).toBe(`<p title="${escapeHtml(text)}">${escapeHtml(text)}<b>1</b></p>`);
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
    { seed: 20261127 },
  );
});

test("bytes are dumped sixteen a line", () => {
  expect(hexDump(Buffer.from("0123456789abcdefg\0").toString("hex"))).toBe(
    [
      "0000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
      `0010  67 00 ${" ".repeat(42)} g·`,
    ].join("\n"),
  );
});
