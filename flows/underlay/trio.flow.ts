import { expect, test } from "vitest";
import { testbed } from "../../src/index.ts";

/** Peers in Exchange, as the operator's command in the node tells it. */
interface PeerRow {
  readonly host: string;
  readonly kind: string | number;
  readonly status: { readonly type: string } | string;
}

test("the trio is ready when it has converged: each sled has the switch for a peer, and the switch both sleds", async () => {
  await using bed = await testbed("trio");
  const peers = async (node: string): Promise<readonly string[]> => {
    const answer = JSON.parse(await bed.node(node).ask("ddmadm get-peers --json")) as Record<string, PeerRow>;
    return Object.values(answer)
      .filter(({ status }) => (typeof status === "string" ? status : status.type) === "Exchange")
      .map(({ host }) => host)
      .toSorted();
  };
  expect(await peers("s1")).toEqual(["t1"]);
  expect(await peers("s2")).toEqual(["t1"]);
  expect(await peers("t1")).toEqual(["s1", "s2"]);
  await bed.node("s1").ask("ping -6 -q -c 3 -W 20 fd00:1122:3344:102::1");
});
