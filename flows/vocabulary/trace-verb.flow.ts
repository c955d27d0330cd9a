import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FlowTestbed, testbed } from "../../src/index.ts";

const launcher = join(import.meta.dirname, "../../bin/kestrel");

/** Run `kestrel trace` on a testbed, as a person would beside the test. */
function trace(bed: FlowTestbed, ...words: readonly string[]) {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stdout: string; stderr: string }>();
  execFile(launcher, ["trace", "--testbed", bed.name, ...words], (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : error.code, stdout, stderr });
  });
  return promise;
}

test("kestrel trace shows the way of a packet, and whether it arrived", async () => {
  await using bed = await testbed("overlay");
  const arrives = await trace(bed, "h1:net0", "--to", "h2");
  expect(arrives, arrives.stderr).toMatchObject({ code: 0 });
  expect(arrives.stdout).toMatch(
    /h1:net0 ━━━━━ r1:net0[^]*\+ Geneve VNI 1001 {2}outer IPv6 fd00::1 > fd00::2[^]*− Geneve VNI 1001[^]*arrived at h2 over 3 wires/,
  );
  const late = await trace(bed, "h1:net0", "--to", "h2", "--udp", "53", "--hop-limit", "1");
  expect(late.code).toBe(1);
  expect(late.stdout).toMatch(
    /r1:net0 answered {2}IPv4 10\.1\.0\.254 > 10\.1\.0\.1 .* ICMP time exceeded[^]*did not arrive at h2: last seen from h1:net0 to r1:net0 as IPv4 .* ttl 1 UDP 33434 > 53/,
  );
});

test("kestrel trace follows a command, at taps too, and tells it as JSON", async () => {
  await using bed = await testbed("overlay");
  const command = ["--", "ping", "-c", "1", "-W", "20", "10.2.0.1"];
  const { code, stdout, stderr } = await trace(bed, "h1", "--to", "h2", "--tap", "r1:gnv0", "--json", ...command);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    from: "h1",
    to: "h2",
    arrived: true,
    hops: [
      { wire: "h1:net0--r1:net0", fate: "delivered" },
      { tap: "r1:gnv0", from: "r1:gnv0" },
      { wire: "underlay", tunnels: [{ change: "entered", tunnel: "geneve", vni: 1001 }] },
      { to: "h2:net0", tunnels: [{ change: "left" }] },
    ],
  });
});

test("kestrel trace says what is wrong with its words", async () => {
  await using bed = await testbed("overlay");
  const [nowhere, noCommand, noNode] = await Promise.all([
    trace(bed, "h1:net0", "--to", "h3"),
    trace(bed, "h1"),
    trace(bed, "h1", "--", "no-such-program"),
  ]);
  expect(nowhere).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no such node in topology overlay/) as unknown,
  });
  expect(noCommand).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/expected NODE:PORT --to NODE/) as unknown,
  });
  expect(noNode).toMatchObject({ code: 1, stderr: expect.stringMatching(/no-such-program: not found/) as unknown });
});
