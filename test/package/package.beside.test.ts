import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa, type Options } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "../testbed/command-line.ts";
import { nothingRuns } from "../testbed/host-processes.ts";
import { projectFiles } from "./project.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));

const dropProgram = `#include <core.p4>
#include <v1model.p4>
struct headers {}
struct metadata {}
parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) { state start { transition accept; } }
control C(inout headers h, inout metadata m) { apply {} }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) { apply { mark_to_drop(s); } }
control E(inout headers h, inout metadata m, inout standard_metadata_t s) { apply {} }
control D(packet_out p, in headers h) { apply {} }
V1Switch(P(), C(), I(), E(), C(), D()) main;
`;

let project = "";

/** Run a program of the project, as somebody who works in it does; nothing of this repository is in its PATH. */
async function inProject(command: string, arguments_: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const PATH = (process.env["PATH"] ?? "")
    .split(":")
    .filter((directory) => !directory.startsWith(repository))
    .join(":");
  const options = { cwd: project, env: { PATH, ...environment }, reject: false, stdin: "ignore" } satisfies Options;
  const { exitCode, stdout, stderr } = await execa(command, arguments_, options);
  return { exitCode, stdout, stderr };
}

beforeAll(async () => {
  project = await mkdtemp("/tmp/ks-project-");
  await mkdir(join(project, "flows"));
  for (const [name, text] of Object.entries(projectFiles)) await writeFile(join(project, name), text);
  const packed = await execa("npm", ["pack", "--json", "--pack-destination", project], { cwd: repository });
  const tarball = join(project, /"filename": "(.*)"/.exec(packed.stdout)?.[1] ?? "");
  const installed = await inProject("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball]);
  expect(installed, installed.stderr).toMatchObject({ exitCode: 0 });
}, 1_200_000);
afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

test("the command line launches a topology of the project's own", async () => {
  await using kestrel = await commandLine();
  const npx = async (...command: readonly string[]) => {
    const ended = await inProject("npx", ["kestrel", ...command], { KESTREL_STATE_DIR: kestrel.stateDirectory });
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    return ended.stdout;
  };
  const plan = JSON.parse(await npx("plan", "network.yaml", "--json")) as { readonly name: string };
  expect(plan.name).toBe("network");
  await npx("up", "network.yaml");
  expect(await npx("exec", "right", "--", "hostname")).toBe("right");
  await npx("exec", "left", "--", "ping", "-c", "1", "-W", "20", "10.7.0.2");
  await npx("down");
  await nothingRuns(kestrel.stateDirectory);
});

test("p4switch is a program of the package", async () => {
  await writeFile(join(project, "drop.p4"), dropProgram);
  expect(await inProject("npx", ["kestrel", "p4", "build", "drop.p4", "-o", "drop.json"])).toMatchObject({
    exitCode: 0,
  });
  const words = ["p4switch", "drop.json", "--thrift-port", "0", "-i", "0@nowhere0"];
  expect(await inProject("npx", words)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("open port: 0@nowhere0: if_nametoindex nowhere0: ENODEV") as string,
  });
});

test("a flow of the project's own imports the package and passes", async () => {
  await using kestrel = await commandLine();
  const { exitCode, stdout, stderr } = await inProject("npx", ["vitest", "run"], {
    KESTREL_STATE_DIR: kestrel.stateDirectory,
    NO_COLOR: "1",
  });
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Tests +1 passed/);
});

test("kestrel flow run runs the flows of the project, and leaves its bundle out of the way of git", async () => {
  await using kestrel = await commandLine();
  const { exitCode, stdout, stderr } = await inProject("npx", ["kestrel", "flow", "run", "--seed", "own"], {
    KESTREL_STATE_DIR: kestrel.stateDirectory,
  });
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/^1 passed, .* seed own$/m);
  const [, bundle = ""] = /^report: (.*)\/report\.html$/m.exec(stdout) ?? [];
  expect(await readdir(join(project, bundle))).toContain("report.html");
  expect(await readFile(join(project, ".kestrel/.gitignore"), "utf8")).toBe("*\n");
});

test("the flow type-checks against the declarations that the package brings, and a mistake in it is found", async () => {
  const compile = () =>
    inProject("node_modules/.bin/node", [join(typescript, "bin/tsc"), "--noEmit", "--project", "."]);
  expect(await compile()).toMatchObject({ exitCode: 0, stdout: "" });
  await writeFile(join(project, "flows/mistake.ts"), 'import { udp } from "kestrel";\nudp({ srcPort: "4000" });\n');
  expect(await compile()).toMatchObject({
    stdout: expect.stringMatching(/^flows\/mistake\.ts\(2,7\): error TS2322/) as string,
  });
});
