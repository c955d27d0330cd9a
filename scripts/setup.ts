import { parseArgs } from "node:util";
import { $ } from "zx";
import { describeError } from "../src/error/kestrel-error.ts";
import { findProgram, requiredPackages } from "../src/host/index.ts";

const { values } = parseArgs({
  options: { "no-image": { type: "boolean", default: false }, test: { type: "boolean", default: false } },
});

try {
  await installPackages();
  if (!values["no-image"]) await $({ stdio: "inherit" })`bin/kestrel image build base`;
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 3;
}

/** Install the Debian packages that are missing, asking for root only when there are any. */
async function installPackages(): Promise<void> {
  const needed = await missingPackages(requiredPackages("run", "compile", "build", "feature"));
  const forTests = values.test ? await missingPackages(requiredPackages("test")) : [];
  if (needed.length + forTests.length === 0) return;
  const missing = [...new Set([...needed, ...forTests])];
  console.log(`setup: Debian packages ${missing.join(" ")}`);
  const root = process.getuid?.() === 0;
  if (!root && (await findProgram("sudo")) === undefined) {
    console.error(`these packages are missing, and there is no sudo; as root: apt-get install ${missing.join(" ")}`);
    process.exit(3);
  }
  const elevate = root ? [] : ["sudo"];
  const environment = ["env", "DEBIAN_FRONTEND=noninteractive"];
  const quiet = $({ stdio: ["ignore", "pipe", "inherit"] });
  await quiet`${elevate} ${environment} apt-get -qq update`;
  // What only tests use may be a package of Debian's alone: Ubuntu brings Chromium in another way. They skip it then, and say so.
  const available = await availablePackages(forTests);
  for (const name of forTests.filter((each) => !available.has(each)))
    console.log(`setup: there is no package ${name} here`);
  const install = [...needed, ...forTests.filter((name) => available.has(name))];
  await quiet`${elevate} ${environment} apt-get -qq install -y --no-install-recommends ${install}`;
}

async function availablePackages(names: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await $({ quiet: true })`apt-cache policy ${names}`;
  const lines = stdout.matchAll(/^(?<name>\S+):\n.*\n {2}Candidate: (?!\(none\))/gm);
  return new Set(Array.from(lines, ({ groups }) => groups?.["name"] ?? ""));
}

async function missingPackages(wanted: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await $({
    nothrow: true,
    quiet: true,
  })`dpkg-query -W -f ${"${Package} ${db:Status-Status}\\n"} ${wanted}`;
  const installed = new Set(
    stdout.split("\n").flatMap((line) => (line.endsWith(" installed") ? [line.split(" ")[0]] : [])),
  );
  return wanted.filter((name) => !installed.has(name));
}
