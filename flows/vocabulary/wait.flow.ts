import { expect, test } from "vitest";
import { eventually, type FlowTestbed, never, stably, testbed } from "../../src/index.ts";

const wire = "h1:net0--h2:net0";

function twoHosts(): Promise<FlowTestbed> {
  return testbed("two-hosts");
}

test("facts are waited for, seen to be stable, and seen not to come", async () => {
  await using bed = await twoHosts();
  const h1 = bed.node("h1");
  const carrier = () => h1.ask("cat /sys/class/net/net0/carrier");
  await bed.wire(wire).down();
  await eventually(async () => {
    expect(await carrier()).toBe("0");
  });
  await bed.wire(wire).up();
  await eventually(async () => (await carrier()) === "1", { what: "h1 sees its link" });
  await stably(3, async () => (await carrier()) === "1");
  await never(async () => (await carrier()) === "0", { within: 200 });
  await expect(
    eventually(async () => (await carrier()) === "0", { what: "the link is lost", within: 3000 }),
  ).rejects.toThrow(
    /wait for a check to hold: the link is lost: expected that it holds within 3000 ms, found that it did not, looked at .* at last: it was false/,
  );
});

test("an invariant that is broken for a moment fails the flow and names itself", async () => {
  const flow = async (): Promise<void> => {
    await using bed = await twoHosts();
    bed.invariant("no frame is lost", async () => {
      const { aToB } = await bed.wire(wire).status();
      expect(aToB.counters.dropped.cut, "frames lost").toBe(0);
    });
    await bed.node("h1").exec(["ping", "-c", "1", "-W", "20", "10.0.0.2"]);
    await bed.wire(wire).cut();
    await bed.node("h1").exec(["ping", "-c", "1", "-W", "1", "10.0.0.2"]);
    await bed.wire(wire).mend();
  };
  await expect(flow()).rejects.toThrow(
    /watch an invariant: no frame is lost: expected that it holds during the whole flow, found that it did not, at look \d+, \d+ ms after it was watched first: frames lost/,
  );
});
