import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { find, type Catalogue, shortNames } from "./catalogue.ts";
import { cliCommands } from "./commands.ts";
import type { Completion } from "./command.ts";

/** What the last word of a line can be completed to, each with what stands before it left away. */
export function completions(line: string, catalogue: Catalogue): readonly string[] {
  const words = line.trimStart().split(/\s+/);
  const last = words.at(-1) ?? "";
  const fitting = (all: readonly string[]): readonly string[] => all.filter((word) => word.startsWith(last));
  if (words.length <= 1) return fitting(Object.keys(cliCommands));
  const kind = cliCommands[words[0] ?? ""]?.completes?.[words.length - 2];
  return kind === undefined ? [] : fitting(candidates(kind, words, catalogue));
}

function candidates(kind: Completion, words: readonly string[], catalogue: Catalogue): readonly string[] {
  switch (kind) {
    case "command":
      return Object.keys(cliCommands);
    case "file":
      return filesBeside(words.at(-1) ?? "");
    case "tableAction":
      try {
        return shortNames(find(catalogue, "tables", words[1] ?? "").actions);
      } catch {
        return [];
      }
    default:
      return shortNames(catalogue[kind]);
  }
}

function filesBeside(path: string): readonly string[] {
  const folder = path.endsWith("/") ? path : dirname(path);
  try {
    return readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const name = folder === "." && !path.startsWith("./") ? entry.name : join(folder, entry.name);
      return entry.isDirectory() ? `${name}/` : name;
    });
  } catch {
    return [];
  }
}
