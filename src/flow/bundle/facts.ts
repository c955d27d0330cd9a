import { cpus, release } from "node:os";
import { execa } from "execa";
import { hostResources } from "../../host/index.ts";
import type { HostCheck, HostFacts, ProjectFacts } from "../run/run-record.ts";

/** What git says about a project; nulls where it says nothing. */
export async function projectFacts(root: string): Promise<ProjectFacts> {
  const git = async (...words: readonly string[]): Promise<string | null> => {
    const { exitCode, stdout } = await execa("git", ["-C", root, ...words], { reject: false, stdin: "ignore" });
    return exitCode === 0 ? stdout : null;
  };
  const [commit, changes] = await Promise.all([git("rev-parse", "HEAD"), git("status", "--porcelain")]);
  return { root, commit, dirty: changes === null ? null : changes !== "" };
}

/** What the host is; `checks` are those of `kestrel doctor`. */
export function hostFacts(checks: readonly HostCheck[]): HostFacts {
  const resources = hostResources();
  return {
    kernel: release(),
    cpuModel: cpus()[0]?.model ?? "unknown",
    cpus: resources.cpus,
    memoryMiB: resources.memoryTotalMiB,
    checks: checks.map(({ name, verdict, found }) => ({ name, verdict, found })),
  };
}
