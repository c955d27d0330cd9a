import { fileURLToPath } from "node:url";

/**
 * The file of a module of ours that is run as a program: source or built, as the module that asks.
 *
 * @param asking - `import.meta.url` of that module
 * @param module - path from there, without extension
 */
export function modulePath(asking: string, module: string): string {
  return fileURLToPath(new URL(`${module}${asking.endsWith(".ts") ? ".ts" : ".js"}`, asking));
}
