/** What a check came to: `warning` costs a feature or speed, `problem` keeps testbeds from running. */
export type Verdict = "ok" | "warning" | "problem";

/** One fact about this host, as `kestrel doctor --json` prints it in `{"verdict", "checks": […], "packages": […]}`. */
export interface Check {
  readonly name: string;
  readonly verdict: Verdict;
  /** What is so, in words. */
  readonly found: string;
  /** What to do about it; only where something is to be done. */
  readonly fix?: string;
  /** Debian packages that would help. */
  readonly packages?: readonly string[];
}

const order: readonly Verdict[] = ["ok", "warning", "problem"];

/** The worst verdict of several checks. */
export function worst(checks: readonly Check[]): Verdict {
  return order[Math.max(0, ...checks.map(({ verdict }) => order.indexOf(verdict)))] ?? "ok";
}

/** The one command that installs everything the checks ask for; undefined when nothing is missing. */
export function installCommand(checks: readonly Check[]): string | undefined {
  const packages = missingPackages(checks);
  return packages.length === 0 ? undefined : `sudo apt-get install ${packages.join(" ")}`;
}

/** The Debian packages that the checks ask for, sorted, each once. */
export function missingPackages(checks: readonly Check[]): readonly string[] {
  return [...new Set(checks.flatMap(({ packages = [] }) => packages))].toSorted();
}
