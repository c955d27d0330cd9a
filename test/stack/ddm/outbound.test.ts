import { expect, test } from "vitest";
import { Outbound } from "../../../src/stack/ddm/engine/outbound.ts";
import { type Path, pathOf } from "../../../src/stack/ddm/engine/path.ts";

const key = "fd00:1::/64";
const path = pathOf(["s1", "t1"]);

test.for(["sent", "failed"] as const)(
  "what is wanted again while its withdrawal is under way is announced anew, whether that %s",
  (outcome) => {
    const outbound = new Outbound();
    const next = (wanted: Path | undefined) => {
      outbound.touch(key);
      return outbound.next(1000, { wanted: () => wanted, size: () => 10 });
    };
    expect(next(path)).toMatchObject({ announce: [{ key }], withdraw: [] });
    outbound.sent();
    expect(next(path)).toBeUndefined();
    expect(next(undefined)).toMatchObject({ announce: [], withdraw: [{ key }] });
    // The peer may have taken it, and only the answer was lost.
    outbound[outcome]();
    expect(next(path)).toMatchObject({ announce: [{ key, path }], withdraw: [] });
  },
);
