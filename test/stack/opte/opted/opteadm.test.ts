import { statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { main } from "../../../../src/stack/opte/opteadm/main.ts";
import { type Background, Laboratory, namespacesWork } from "./laboratory.ts";

/* Every command of the reference's administration (specification, section 4.1), against an opted in a namespace. */

const addresses = [
  ...["--guest-mac", "a8:40:25:fa:fa:37", "--private-ip", "172.30.0.5", "--vpc-subnet", "172.30.0.0/22"],
  ...["--gateway-mac", "a8:40:25:ff:77:77", "--gateway-ip", "172.30.0.1", "--vpc-vni", "1287581"],
  ...["--src-underlay-addr", "fd00:0:f7:101::1"],
];

describe.skipIf(!namespacesWork)("opteadm (network namespaces: root)", () => {
  let lab: Laboratory;

  let opted: Background;

  beforeAll(async () => {
    lab = new Laboratory();
    lab.sled("s1", "fd00:0:f7:101::1");
    lab.add("switch");
    lab.wire("s1", "u0", "switch", "u0");
    lab.wire("s1", "u1", "switch", "u1");
    lab.add("g1");
    opted = await lab.opted("s1");
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  /** Run a command; returns what it prints, and its complaint if it ends with another code than 0. */
  async function adm(...command: readonly string[]): Promise<{ readonly out: string; readonly error: string }> {
    const said = { out: "", error: "" };
    const take =
      (stream: "out" | "error") =>
      (chunk: string | Uint8Array): boolean => {
        said[stream] += chunk.toString();
        return true;
      };
    const spies = [
      vi.spyOn(process.stdout, "write").mockImplementation(take("out")),
      vi.spyOn(process.stderr, "write").mockImplementation(take("error")),
    ];
    const code = process.exitCode;
    process.exitCode = 0;
    try {
      await main(["--socket", lab.socket("s1"), ...command]);
      expect(process.exitCode === 0, said.error).toBe(said.error === "");
    } finally {
      process.exitCode = code;
      for (const spy of spies) spy.mockRestore();
    }
    return said;
  }
  const done = async (...command: readonly string[]): Promise<void> => {
    expect(await adm(...command), command.join(" ")).toEqual({ out: "", error: "" });
  };
  const refused = async (complaint: string, ...command: readonly string[]): Promise<void> => {
    const { out, error } = await adm(...command);
    expect(out).toBe("");
    expect(error).toContain(complaint);
    expect(error).not.toContain("    at ");
  };
  const told = async (...command: readonly string[]): Promise<string> => {
    const { out, error } = await adm(...command);
    expect(error).toBe("");
    return out;
  };
  const json = async (...command: readonly string[]): Promise<unknown> => JSON.parse(await told("--json", ...command));

  test("the socket is root's alone", () => {
    expect(statSync(lab.socket("s1")).mode & 0o777).toBe(0o600);
    expect(statSync(`${lab.directory}/s1-run`).mode & 0o777).toBe(0o700);
  });

  test("the underlay comes before ports, once, and goes after them", async () => {
    await refused("underlay not yet initialized", "clear-xde-underlay");
    await refused("underlay not initialized", "create-xde", "opte0", ...addresses);
    await done("set-xde-underlay", "u0", "u1");
    await refused("underlay already initialized", "set-xde-underlay", "u0", "u1");
    expect(await told("show-xde-underlay")).toMatch(
      /^LINK +MTU +MAC\nu0 +9000 +[0-9A-F:]{17}\nu1 +9000 +[0-9A-F:]{17}\n$/,
    );
    expect(await json("show-xde-underlay")).toHaveLength(2);
  });

  test("a port is made with everything that can be said of it", async () => {
    const external = ["--snat-ip", "10.77.77.13", "--snat-start", "1025", "--snat-end", "4096"];
    const more = ["--ephemeral-ip", "10.60.1.1", "--floating-ip", "10.60.1.2", "--floating-ip", "10.60.1.3"];
    const dhcp = ["--hostname", "testbox", "--host-domain", "test.oxide.computer", "--dns-servers", "8.8.8.8,1.1.1.1"];
    const list = ["--domain-search-list", "oxide.computer", "--mtu", "1400", "--namespace", lab.namespace("g1")];
    await done("create-xde", "opte0", ...addresses, ...external, ...more, ...dhcp, ...list);
    expect(lab.ip("g1", "link", "show", "opte0")).toMatch(/mtu 1400 [^]*a8:40:25:fa:fa:37/);
    const ports = await told("list-ports");
    expect(ports.split("\n")[1]).toBe(
      "opte0  A8:40:25:FA:FA:37  172.30.0.5    10.60.1.1       10.60.1.2      None          None           None           running",
    );
    expect(ports.split("\n")[2]?.trim()).toBe("10.60.1.3");
    expect(await json("list-ports")).toMatchObject([{ name: "opte0", attached: true, interface: "opte0-h" }]);
    await refused("underlay in use by attached ports", "clear-xde-underlay");
    await refused("expected a new name, found one in use", "create-xde", "opte0", ...addresses);
    await refused("that of opte0", "create-xde", "opte1", ...addresses);
  });

  test("what does not fit is refused before anything is made", async () => {
    const instead = (option: string, value: string): string[] =>
      addresses.map((each, at) => (addresses[at - 1] === option ? value : each));
    await refused("expected IPv4 VPC subnet", "create-xde", "x", ...instead("--vpc-subnet", "fd00::/64"));
    await refused("expected IPv4 gateway IP", "create-xde", "x", ...instead("--gateway-ip", "fd00::1"));
    await refused("--snat-end, or none", "create-xde", "x", ...addresses, "--snat-ip", "10.0.0.1");
    await refused("name", "create-xde", "a name", ...addresses);
    await refused("vni: expected 0 to 16777215", "create-xde", "x", ...instead("--vpc-vni", "16777216"));
    const moved = ["--namespace", "nowhere-at-all"];
    await refused("", "create-xde", "x", ...instead("--guest-mac", "a8:40:25:fa:fa:38"), ...moved);
    expect(await json("list-ports")).toHaveLength(1);
    expect(lab.ip("s1", "-brief", "link")).not.toContain("x-h");
  });

  test("layers, their rules, and flows", async () => {
    expect(
      (await told("list-layers", "-p", "opte0")).split("\n").map((line) => line.split(/ {2,}/).slice(0, 5)),
    ).toEqual([
      ["NAME", "RULES IN", "RULES OUT", "DEF IN", "DEF OUT"],
      ["gateway", "2", "5", "deny", "deny"],
      ["firewall", "0", "0", "deny", "stateful allow"],
      ["router", "0", "1", "allow", "deny"],
      ["nat", "2", "4", "allow", "allow"],
      ["overlay", "2", "1", "deny", "deny"],
      [""],
    ]);
    expect(await told("dump-layer", "-p", "opte0", "nat")).toContain(
      '"Stateful: 172.30.0.5 <=> {10.60.1.2,10.60.1.3}"',
    );
    await refused("expected one of gateway, firewall, router, nat, overlay", "dump-layer", "-p", "opte0", "x");
    await refused("a port of this sled", "list-layers", "-p", "opte9");
    expect(await told("dump-uft", "-p", "opte0")).toContain("UFT Outbound: 0/524288\n");
    expect(await told("dump-tcp-flows", "-p", "opte0")).toMatch(
      /^FLOW +STATE +HITS +SEGS IN +SEGS OUT +BYTES IN +BYTES OUT\n$/,
    );
    await done("clear-uft", "-p", "opte0");
    await done("clear-lft", "-p", "opte0", "firewall");
    await refused('found "x"', "clear-lft", "-p", "opte0", "x");
  });

  const firewall = async (): Promise<readonly string[]> => {
    const dump = (await json("dump-layer", "-p", "opte0", "firewall")) as Record<
      "in" | "out",
      { readonly rules: readonly { readonly id: number; readonly priority: number; readonly action: string }[] }
    >;
    return (["in", "out"] as const).flatMap((side) =>
      dump[side].rules.map(({ id, priority, action }) => `${side} ${id} ${priority} ${action}`),
    );
  };

  test("firewall rules one by one, and all at once from standard input", async () => {
    const rule = (dir: string, action: string, priority: string, ports = "any"): string[] => [
      ...["-p", "opte0", "--dir", dir, "--hosts", "any", "--protocol", "tcp"],
      ...["--ports", ports, "--action", action, "--priority", priority],
    ];
    await done("add-fw-rule", ...rule("in", "allow", "10", "22,80"));
    await done("add-fw-rule", ...rule("out", "deny", "20"));
    expect(await firewall()).toEqual(["in 0 10 Stateful Allow", "out 0 20 Deny"]);
    await done("rm-fw-rule", "-p", "opte0", "--dir", "in", "0");
    await refused("expected a rule of firewall in", "rm-fw-rule", "-p", "opte0", "--dir", "in", "0");
    await refused("Invalid rule: bad port: '0'", "add-fw-rule", ...rule("in", "allow", "10", "0"));
    await refused("Invalid rule: bad priority: '65536'", "add-fw-rule", ...rule("in", "allow", "65536"));
    const script = (rules: string): Promise<{ readonly status: number | null; readonly stderr: string }> => {
      writeFileSync(`${lab.directory}/rules`, rules);
      const command = `exec "$@" set-fw-rules -p opte0 <${lab.directory}/rules`;
      return lab.attempt("s1", "sh", "-c", command, "sh", ...lab.opteadmCommand("s1"));
    };
    const rules = ["dir=in action=allow priority=1 protocol=icmp", "dir=out action=deny priority=2 hosts=ip=1.2.3.4"];
    expect(await script(`${rules.join("\n")}\n`)).toMatchObject({ status: 0, stderr: "" });
    expect(await firewall()).toEqual(["in 1 1 Stateful Allow", "out 1 2 Deny"]);
    const bad = await script("dir=in action=allow priority=1\ndir=in  action=allow priority=1\n");
    expect(bad.status).not.toBe(0);
    expect(bad.stderr).toContain("Invalid rule: bad token: ");
    expect(await firewall()).toEqual(["in 1 1 Stateful Allow", "out 1 2 Deny"]);
  });

  test("routes", async () => {
    const entry = ["-p", "opte0", "0.0.0.0/0", "ig", "system"];
    await done("add-router-entry", ...entry);
    await refused("malformed router target: x", "add-router-entry", "-p", "opte0", "0.0.0.0/0", "x", "system");
    await refused("a unicast destination", "add-router-entry", "-p", "opte0", "224.0.0.0/4", "ig", "system");
    await refused("a target of IPv4", "add-router-entry", "-p", "opte0", "10.0.0.0/8", "ip6=fd00::1", "custom");
    await done("del-router-entry", ...entry);
    await refused("could not delete entry -- no matching rule found", "del-router-entry", ...entry);
  });

  test("external addresses, prefixes and subnets", async () => {
    await done("set-external-ips", "-p", "opte0", "--ephemeral-ip", "10.60.1.9");
    expect((await told("list-ports")).split("\n")[1]).toMatch(/10\.60\.1\.9 +None +None/);
    await refused("", "set-external-ips", "-p", "opte0", "--ephemeral-ip", "2001:db8::9");
    const mixed = ["--ephemeral-ip", "2001:db8::9", "--floating-ip", "10.60.1.9"];
    await refused("expected IPv4 *or* IPv6 config.", "set-external-ips", "-p", "opte0", ...mixed);
    await done("allow-cidr", "-p", "opte0", "10.1.0.0/16", "--dir", "in");
    await done("allow-cidr", "-p", "opte0", "10.1.0.0/16");
    const miss = "could not remove cidr 10.2.0.0/16 from gateway (IN) -- not found";
    await refused(miss, "remove-cidr", "-p", "opte0", "10.2.0.0/16");
    await done("remove-cidr", "-p", "opte0", "10.1.0.0/16", "--dir", "out");
    // In was there and out not: in is put back.
    await refused("from gateway (OUT) -- not found", "remove-cidr", "-p", "opte0", "10.1.0.0/16");
    await done("remove-cidr", "-p", "opte0", "10.1.0.0/16", "--dir", "in");
    await done("attach-subnet", "-p", "opte0", "10.3.0.0/16", "--external");
    await done("detach-subnet", "-p", "opte0", "10.3.0.0/16");
    await refused("an attached subnet", "detach-subnet", "-p", "opte0", "10.3.0.0/16");
    await refused("a family that the port has", "attach-subnet", "-p", "opte0", "fd00::/64");
  });

  test("where addresses live", async () => {
    const v2p = ["172.30.0.6", "a8:40:25:f0:00:66", "fd00:0:f7:116::1", "1287581"];
    await done("set-v2p", ...v2p);
    expect(await told("dump-v2p")).toContain("172.30.0.6  A8:40:25:F0:00:66  fd00:0:f7:116::1\n");
    await done("clear-v2p", ...v2p);
    await refused("no mapping of 172.30.0.6", "clear-v2p", ...v2p);
    await done("set-v2b", "0.0.0.0/0", "fd00:99::1", "fd00:99::2");
    expect(await told("dump-v2b")).toContain("0.0.0.0/0        fd00:99::2   99\n");
    await done("clear-v2b", "0.0.0.0/0", "fd00:99::2");
    expect(await json("dump-v2b")).toEqual([{ prefix: "0.0.0.0/0", endpoints: ["fd00:99::1"] }]);
    await refused("bad IPv4 prefix length: 33", "set-v2b", "10.0.0.0/33", "fd00:99::1");
  });

  test("groups", async () => {
    await refused("no underlay mapping for IPv4 multicast group", "mcast-subscribe", "-p", "opte0", "224.0.0.251");
    await refused("IP address 10.0.0.1 is not a multicast address", "mcast-subscribe", "-p", "opte0", "10.0.0.1");
    await refused("a group in ff04::/16", "set-m2p", "224.0.0.251", "ff02::1");
    await done("set-m2p", "224.0.0.251", "ff04::e000:fb");
    expect(await told("dump-m2p")).toContain("224.0.0.251    ff04::e000:fb\n");
    await done("mcast-subscribe", "-p", "opte0", "224.0.0.251");
    expect(await told("dump-mcast-subs")).toContain("ff04::e000:fb   opte0  EXCLUDE() (any)\n");
    await done("mcast-subscribe", "-p", "opte0", "224.0.0.251", "--include", "10.0.0.1");
    expect(await told("dump-mcast-subs")).toContain("ff04::e000:fb   opte0  INCLUDE(10.0.0.1)\n");
    await refused("is multicast", "mcast-subscribe", "-p", "opte0", "224.0.0.251", "--include", "224.0.0.1");
    await done("mcast-unsubscribe", "-p", "opte0", "224.0.0.251");
    await done("mcast-unsubscribe", "-p", "opte0", "224.0.0.251");
    await done("mcast-subscribe", "-p", "opte0", "ff04::77");
    await done("mcast-unsubscribe-all", "ff04::77");
    expect(await json("dump-mcast-subs")).toEqual([]);
    await done("set-mcast-fwd", "ff04::e000:fb", "fd00::9", "both");
    expect(await told("dump-mcast-fwd")).toContain("ff04::e000:fb  fd00::9      77   both         EXCLUDE() (any)\n");
    await refused(
      "must be unicast (switch address), got multicast: ff04::1",
      "set-mcast-fwd",
      "ff04::e000:fb",
      "ff04::1",
      "both",
    );
    await done("clear-mcast-fwd", "ff04::e000:fb");
    await done("clear-m2p", "224.0.0.251", "ff04::e000:fb");
  });

  test("a paused port takes no rule and shows what it has; started, it goes on", async () => {
    await done("pause-port", "-p", "opte0");
    await refused("found paused", "add-router-entry", "-p", "opte0", "0.0.0.0/0", "ig", "system");
    expect(await told("dump-uft", "-p", "opte0")).toContain("UFT Inbound");
    await done("start-port", "-p", "opte0");
    await done("reset-port", "-p", "opte0");
    await refused("found ready", "dump-uft", "-p", "opte0");
    await done("start-port", "-p", "opte0");
  });

  test("a probe tells of what was told and how that was answered", async () => {
    const probe = lab.watch("s1", "probe", "hdlr-resp", "mcast-map-clear");
    // The first answers may come before the probe is there.
    const seen = probe.line((line) => line.includes("GET /v2b 200"));
    const asked = setInterval(() => void lab.ask("s1", "GET", "/v2b"), 100);
    await seen;
    clearInterval(asked);
    const [refusal, cleared] = [
      probe.line((line) => line.includes("DELETE /m2p 404")),
      probe.line((line) => line.includes("mcast-map-clear")),
    ];
    await done("set-m2p", "224.0.0.9", "ff04::9");
    await done("clear-m2p", "224.0.0.9", "ff04::9");
    await refused("no mapping of 224.0.0.9", "clear-m2p", "224.0.0.9", "ff04::9");
    expect(await cleared).toContain("224.0.0.9");
    await refusal;
    await probe.stop("SIGKILL");
  });

  test("counters have the names of the reference's kstats", async () => {
    const counted = (await json("stats", "-p", "opte0")) as Record<"port" | "layers" | "routeCache", object>;
    const sides = ["drop", "drop_handle_pkt", "drop_layer", "drop_tcp_err", "hairpin", "modified", "process_err"];
    const caches = ["uft_hit", "uft_miss", "uft_flows", "uft_capacity", "uft_evictions", "oversize"];
    for (const name of [...sides, ...caches]) {
      for (const side of ["in", "out"]) expect(counted.port).toHaveProperty(`${side}_${name}`);
    }
    for (const name of ["tcp_flows", "tcp_capacity", "tcp_evictions"]) expect(counted.port).toHaveProperty(name);
    expect(Object.keys(counted.layers)).toEqual(["gateway", "firewall", "router", "nat", "overlay"]);
    const layer = ["lft_hit", "lft_full", "lft_miss", "rule_match", "rule_nomatch", "deny", "rules"];
    for (const name of layer) expect(counted.layers).toHaveProperty(`nat.in_${name}`);
    for (const name of ["lft_capacity", "flows", "evictions", "flow_ttl", "set_rules_called"]) {
      expect(counted.layers).toHaveProperty(`nat.${name}`);
    }
    expect(Object.keys(counted.routeCache)).toEqual([
      ...["capacity", "occupancy", "hit", "miss", "refresh", "table_full", "error"],
    ]);
    const sled = (await json("stats")) as object;
    for (const fault of ["reject", "unwanted_proto", "truncated", "straddled", "illegal_val", "bad_len", "misc"]) {
      for (const side of ["in", "out"]) expect(sled).toHaveProperty(`${side}_drop_${fault}`);
    }
    expect(sled).toHaveProperty("in_drop_bad_tun_opt");
    const groups = [
      "tx_local",
      "tx_stale_local",
      "tx_underlay",
      "tx_external",
      "tx_no_fwd_entry",
      "tx_source_filtered",
    ];
    const more = ["tx_fwd_source_filtered", "rx_local", "rx_stale_local", "rx_no_subscribers", "rx_bad_inner_dst"];
    for (const name of [...groups, ...more, "rx_source_filtered"]) expect(sled).toHaveProperty(`mcast_${name}`);
    expect(await told("stats")).toMatch(/^COUNTER +VALUE\nin_drop_reject +0\n/);
  });

  test("rules keep their ids and counters when opted is started again", async () => {
    const rule = (port: number): string => `dir=in action=allow priority=10 protocol=tcp port=${port}`;
    const add = async (port: number): Promise<number> =>
      ((await lab.ask("s1", "POST", "/ports/opte0/firewall-rules", rule(port))) as { readonly id: number }).id;
    const remove = (id: number): Promise<void> => done("rm-fw-rule", "-p", "opte0", "--dir", "in", String(id));
    const ids: number[] = [];
    for (const port of [1001, 1002, 1003, 1004]) ids.push(await add(port));
    const [first = -1, second = -1, third = -1, fourth = -1] = ids;
    await remove(second);
    const before = await json("dump-layer", "-p", "opte0", "firewall");
    expect(JSON.stringify(before)).toContain("1004");
    await opted.stop("SIGTERM");
    opted = await lab.opted("s1");
    expect(await json("dump-layer", "-p", "opte0", "firewall")).toEqual(before);
    // An id that was given back is not given again, and one from before is still that of its rule.
    expect(await add(1005)).toBe(fourth + 1);
    for (const id of [first, third, fourth]) await remove(id);
    const after = JSON.stringify(await json("dump-layer", "-p", "opte0", "firewall"));
    for (const port of [1001, 1003, 1004]) expect(after).not.toContain(String(port));
    expect(after).toContain("1005");
  });

  test("a second opted leaves the first one alone, and says where it is", async () => {
    await expect(lab.opted("s1")).rejects.toThrow("one that another opted serves");
    expect(await json("list-ports")).toHaveLength(1);
  });

  test("deleted, a port is gone with its pair", async () => {
    await done("delete-xde", "opte0");
    await refused("a port of this sled", "delete-xde", "opte0");
    expect(await told("list-ports")).toMatch(/^LINK .*STATE\n$/);
    expect(lab.ip("s1", "-brief", "link")).not.toContain("opte0-h");
    await done("clear-xde-underlay");
  });

  test("without an opted, commands say what to look for", async () => {
    const { error } = await adm("--socket", `${lab.directory}/nothing`, "list-ports");
    expect(error).toContain("is opted running, and is this its socket?");
  });
});
