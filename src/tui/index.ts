import { loadJsxSources } from "./source-loader.ts";
import type { TuiEnd, TuiOptions } from "./run/start.tsx";

/** Open the user interface; see {@link TuiOptions}. What draws it is loaded only now. */
export async function runTui(options: TuiOptions): Promise<TuiEnd> {
  // React's checks for developers make every frame three times as slow.
  process.env["NODE_ENV"] ??= "production";
  await loadJsxSources();
  const { openTui } = await import("./run/start.tsx");
  return openTui(options);
}
