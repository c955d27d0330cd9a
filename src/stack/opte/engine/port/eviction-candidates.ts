import { protectedEntry, tcpEvictionPriority } from "../table/eviction.ts";
import type { AgeList, TcpFlow } from "../table/flow.ts";

/** How many flows of each phase are looked at before a table counts as full. */
const looks = 16;

/**
 * TCP flows that may be evicted, the readiest first: of each phase the longest at rest. Entries of the other tables are
 * as protected as the TCP flow that they serve; what serves none is not evicted.
 */
export function evictionCandidates(ages: Readonly<Record<string, AgeList>>, now: number): TcpFlow[] {
  const found: { readonly flow: TcpFlow; readonly priority: number }[] = [];
  for (const list of Object.values(ages)) {
    let flow = list.oldest;
    for (let i = 0; i < looks && flow !== undefined; i++, flow = flow.newer) {
      const priority = tcpEvictionPriority(flow.state, now - flow.lastHit);
      if (priority !== protectedEntry) found.push({ flow, priority });
    }
  }
  return found.toSorted((a, b) => b.priority - a.priority || a.flow.lastHit - b.flow.lastHit).map(({ flow }) => flow);
}
