import { pathPattern } from "./path-pattern.ts";

/** The modules of one kernel and what each needs, from `modules.dep` and `modules.builtin` (depmod(8)). */
export interface ModuleTable {
  /** Module name with underscores -> path relative to the kernel's module directory. */
  readonly paths: ReadonlyMap<string, string>;
  /** Path -> paths that must be loaded before it, in the order of loading. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Names of what is part of the kernel itself. */
  readonly builtin: ReadonlySet<string>;
}

/** Read the texts of `modules.dep` and `modules.builtin`. */
export function parseModuleTable(dependencyText: string, builtinText: string): ModuleTable {
  const paths = new Map<string, string>();
  const dependencies = new Map<string, readonly string[]>();
  for (const line of dependencyText.split("\n")) {
    const [path, needs] = line.split(":");
    if (path === undefined || needs === undefined) continue;
    paths.set(moduleName(path), path);
    // depmod lists the nearest need first; loading goes the other way.
    dependencies.set(path, needs.split(" ").filter(Boolean).toReversed());
  }
  return { paths, dependencies, builtin: new Set(builtinText.split("\n").filter(Boolean).map(moduleName)) };
}

function moduleName(path: string): string {
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/\.ko(\.\w+)?$/, "")
    .replaceAll("-", "_");
}

/** The outcome of looking up modules. */
export interface ModuleSelection {
  /** Paths in an order in which they can be loaded, each once. */
  readonly paths: readonly string[];
  /** Names and patterns that fit no module, built in or not. */
  readonly unknown: readonly string[];
}

/** Find modules by name or by pattern (`sch_*`) with all that they need. */
export function selectModules(table: ModuleTable, wanted: readonly string[]): ModuleSelection {
  const paths = new Set<string>();
  const unknown: string[] = [];
  for (const want of wanted) {
    const fits = pathPattern([want.replaceAll("-", "_")]);
    const found = [...table.paths].filter(([name]) => fits(name)).map(([, path]) => path);
    if (found.length === 0 && ![...table.builtin].some(fits)) unknown.push(want);
    for (const path of found) {
      for (const needed of table.dependencies.get(path) ?? []) paths.add(needed);
      paths.add(path);
    }
  }
  return { paths: [...paths], unknown };
}
