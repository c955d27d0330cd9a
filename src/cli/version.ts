import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The directory of the package; src/cli and dist/cli are equally deep in it. */
export const packageRoot = join(import.meta.dirname, "..", "..");

/** The launcher of the command line, for programs that call it back (ssh, the shell's completion). */
export const launcherPath = join(packageRoot, "bin", "kestrel");

/** Version of this package. */
export function kestrelVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
  return version;
}
