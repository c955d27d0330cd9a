/** Writes the pages of docs/ that are generated from the code. Run it after a change of a schema. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { cliReference } from "../src/cli/index.ts";
import { topologyReference } from "../src/topology/index.ts";
import { opteConformance } from "./opte-conformance.ts";
import { p4Conformance } from "./p4-conformance.ts";
import { promisesPage } from "./promises-page.ts";

const root = join(import.meta.dirname, "..");

/** Generated pages: path from the root of the project, and the function that gives the text. */
export const generatedPages: Readonly<Record<string, () => Promise<string>>> = {
  "docs/cli.md": () => markdown(cliReference()),
  "docs/opte-conformance.md": () => markdown(opteConformance()),
  "docs/p4-conformance.md": () => markdown(p4Conformance(join(root, "test/p4/programs"))),
  "docs/promises.md": async () => markdown(await promisesPage(root)),
  "docs/topology.md": async () => markdown(topologyReference(await exampleTopologies())),
};

/** Laid out as the formatter of the project wants it, so that it has nothing to say afterwards. */
async function markdown(text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(join(root, "docs/page.md"))), parser: "markdown" });
}

/** The texts of topologies/, by file name. */
async function exampleTopologies(): Promise<Map<string, string>> {
  const folder = join(root, "topologies");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const)),
  );
}

if (import.meta.main) {
  for (const [page, generate] of Object.entries(generatedPages)) {
    const path = join(root, page);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await generate());
  }
}
