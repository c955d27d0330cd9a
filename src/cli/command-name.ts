import { relative } from "node:path";
import type { Terminal } from "./terminal.ts";

/** How the user calls this program, for commands to copy: `kestrel`, `npx kestrel`, or a path such as `bin/kestrel`. */
export function commandName({ environment }: Pick<Terminal, "environment">, workingDirectory = process.cwd()): string {
  const invoked = environment["KESTREL_INVOKED_AS"] ?? "kestrel";
  if (environment["npm_command"] === "exec") return "npx kestrel";
  if (!invoked.includes("/") || isOnPath(invoked, environment["PATH"] ?? "")) return "kestrel";
  const near = relative(workingDirectory, invoked);
  return near.startsWith("..") ? invoked : near;
}

/** The shell gives a script its whole path also where it was found by its name. */
function isOnPath(invoked: string, path: string): boolean {
  return path.split(":").some((directory) => directory !== "" && `${directory.replace(/\/$/, "")}/kestrel` === invoked);
}
