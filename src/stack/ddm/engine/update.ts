import type { Path } from "./path.ts";
import type { RouteKey } from "./route-key.ts";

/** One prefix or tunnel origin and the path by which it is reached. */
export interface Vector {
  readonly key: RouteKey;
  readonly path: Path;
}

/** What changes: announcements are applied first (section 1.7). */
export interface Update {
  readonly announce: readonly Vector[];
  readonly withdraw: readonly Vector[];
}
