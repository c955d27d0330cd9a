import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hardware, Operation, OperationResult } from "../../src/guest/agent-protocol.ts";
import { newAddressMessage } from "../../src/netdev/addresses.ts";
import { setLinkMessage } from "../../src/netdev/links.ts";
import { parseAcknowledgements } from "../../src/netdev/netlink-message.ts";
import { newRouteMessage } from "../../src/netdev/routes.ts";
import { AgentProcess, namespacesWork } from "./agent-process.ts";

describe.skipIf(!namespacesWork)("operations on a machine", () => {
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await AgentProcess.start({ setUp: "ip link add v0 index 2 type veth peer name v1 index 3" });
  }, 90_000);
  afterAll(() => agent[Symbol.asyncDispose]());

  const apply = (operations: readonly Operation[]): Promise<readonly OperationResult[]> =>
    agent.connection.request("apply", { operations });

  test("the kernel does what routing requests say, and explains what it refuses", async () => {
    const mac = "02:00:00:00:01:01";
    const requests: readonly (readonly [Buffer, RegExp | undefined])[] = [
      [setLinkMessage(1, { up: true }), undefined],
      [setLinkMessage(2, { name: "rear0", mac, mtu: 9000 }), undefined],
      [newAddressMessage({ index: 2, address: "10.1.0.1", prefixLength: 24 }), undefined],
      [newAddressMessage({ index: 2, address: "fd00::1", prefixLength: 64 }), undefined],
      // The same again replaces.
      [newAddressMessage({ index: 2, address: "fd00::1", prefixLength: 64 }), undefined],
      [setLinkMessage(2, { up: true }), undefined],
      [setLinkMessage(3, { up: true }), undefined],
      [newRouteMessage({ destination: "0.0.0.0/0", gateway: "10.1.0.254", index: 2 }), undefined],
      [newRouteMessage({ destination: "fd01::/48", gateway: "fd00::fe", index: 2 }), undefined],
      [
        newRouteMessage({ destination: "10.7.0.0/16", gateway: "192.0.2.1", index: 2 }),
        /^ENETUNREACH: Nexthop has invalid gateway$/,
      ],
      [setLinkMessage(2, { mtu: 1_000_000 }), /^EINVAL: mtu greater than device maximum$/],
      [setLinkMessage(99, { up: true }), /^ENODEV/],
      [setLinkMessage(3, { name: "rear0" }), /^EEXIST/],
      [setLinkMessage(3, { name: "no/slash" }), /^EINVAL/],
      [newAddressMessage({ index: 2, address: "10.1.0.1", prefixLength: 33 }), /^EINVAL/],
      // What follows a refusal is still done.
      [setLinkMessage(3, { up: false }), undefined],
    ];
    const results = await apply(requests.map(([request]) => ({ do: "route", base64: request.toString("base64") })));
    for (const [at, [, expected]] of requests.entries()) {
      const [answer] = parseAcknowledgements(Buffer.from(results[at]?.said ?? "", "base64"));
      if (expected === undefined) expect(answer?.refusal, `request ${at}`).toBeUndefined();
      else expect(answer?.refusal, `request ${at}`).toMatch(expected);
    }
    const { stdout } = await agent.guest.exec("ip -json address show dev rear0; ip -json address show dev v1");
    const [rear0 = "", v1 = ""] = stdout.split("\n");
    const [port] = JSON.parse(rear0) as [{ address: string; mtu: number; flags: string[]; addr_info: unknown[] }];
    expect(port).toMatchObject({ address: "02:00:00:00:01:01", mtu: 9000 });
    expect(port.flags).toContain("UP");
    expect(port.addr_info).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ local: "10.1.0.1", prefixlen: 24 }),
        expect.objectContaining({ local: "fd00::1", prefixlen: 64, nodad: true }),
      ]),
    );
    expect((JSON.parse(v1) as [{ flags: string[] }])[0].flags).not.toContain("UP");
    const routes = await agent.guest.exec("ip route; ip -6 route");
    expect(routes.stdout).toContain("default via 10.1.0.254 dev rear0 proto static");
    expect(routes.stdout).toContain("fd01::/48 via fd00::fe dev rear0 proto static");
  });

  test("what cannot be done is told with its reason, and what follows is done", async () => {
    const results = await apply([
      { do: "mount", source: "nothing", target: "/no/such/directory", type: "tmpfs" },
      { do: "mount", source: "nothing", target: "/", type: "no-such-file-system" },
      { do: "write", path: "/run/absent", text: "x" },
      { do: "route", base64: "%" },
      { do: "directory", path: "/run/kestrel/deep", mode: 0o700 },
      { do: "write", path: "/run/kestrel/deep/file", text: "words", mode: 0o600, create: true },
      { do: "mount", source: "scratch", target: "/run/kestrel/deep", type: "tmpfs" },
    ]);
    const errors = results.map(({ error }) => error?.replace(/:.*/, "") ?? null);
    expect(errors).toEqual(["ENOENT", "ENODEV", "ENOENT", "EINVAL", null, null, null]);
    const modes = await agent.guest.exec(
      "umount /run/kestrel/deep; stat -c '%a %n' /run/kestrel/deep /run/kestrel/deep/file; cat /run/kestrel/deep/file",
    );
    expect(modes.stdout).toBe("700 /run/kestrel/deep\n600 /run/kestrel/deep/file\nwords");
  });

  test("what the node is and runs is told without starting a program in it", async () => {
    const sleeping = agent.guest.spawn(["sleep", "4567"]);
    await agent.guest.ready({ type: "command", command: "pgrep -xf 'sleep 4567'", timeoutMs: 20_000 });
    await agent.guest.exec("ip link set v1 up; ip address add 10.4.0.1/24 dev v1; ip -6 address add fd04::1/64 dev v1");
    const { processes, links, addresses, routes } = await agent.guest.snapshot();
    expect(processes).toContain("sleep 4567");
    expect(processes.filter((line) => line.includes("agent"))).toEqual([]);
    expect(links).toContainEqual(expect.stringMatching(/^v1 flags 0x\w+ mtu 1500 [0-9a-f:]{17}$/));
    expect(addresses).toEqual(expect.arrayContaining(["10.4.0.1", "v1 fd04::1/64"]));
    expect(routes).toContain("10.4.0.0/24 dev v1 metric 0");
    sleeping.kill("SIGKILL");
    await sleeping.result;
  });

  test("the hardware is told as the kernel has it", async () => {
    const { interfaces } = await agent.connection.request<Hardware>("hardware");
    expect(interfaces).toContainEqual({ name: "lo", mac: "00:00:00:00:00:00", index: 1 });
    expect(interfaces.find(({ index }) => index === 3)).toMatchObject({ name: "v1" });
  });
});
