import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunRecord } from "../run/run-record.ts";
import type { BundleWriter } from "./bundle-writer.ts";
import { junitXml } from "./junit.ts";
import { bundleFiles } from "./layout.ts";
import { readBundle } from "./read-bundle.ts";
import { reportHtml } from "./report/report.ts";

/** Write what a run came to, once it is known: the record, JUnit, the flow files as they were, the report. */
export async function writeResults(bundle: BundleWriter, run: RunRecord): Promise<void> {
  await bundle.close();
  for (const { path } of run.files)
    await bundle.writeBytes(join(bundleFiles.flows, path), await readFile(join(run.project.root, path)));
  await bundle.writeJson(bundleFiles.record, run);
  await bundle.writeText(bundleFiles.junit, junitXml(run));
  await bundle.writeText(bundleFiles.report, await reportHtml(await readBundle(bundle.directory)));
}
