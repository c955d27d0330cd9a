import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { sha256File } from "../../src/host/index.ts";
import { parse, readPcapng } from "../../src/packet/index.ts";
import type { TestbedStatus } from "../../src/testbed/index.ts";
import type { WireStatus } from "../../src/wire/index.ts";
import { commandLine } from "../testbed/command-line.ts";
import { nothingRuns } from "../testbed/host-processes.ts";
import { debianDisk } from "./debian-disk.ts";

let disk = "";
let scratch = "";

beforeAll(async () => {
  scratch = await mkdtemp("/tmp/ks-foreign-");
  disk = await debianDisk();
}, 1_800_000);
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

/** A list of users of one's own replaces any other list: the testbed has to get in all the same. */
const userData = {
  users: [{ name: "alice", shell: "/bin/bash" }],
  write_files: [{ path: "/etc/greeting", content: "hello from the seed\n" }],
  runcmd: ["tr a-z A-Z </etc/greeting >/etc/loud-greeting"],
};

async function topologyFile(): Promise<string> {
  const path = join(scratch, "foreign.yaml");
  const nodes = {
    h1: { ports: { net0: ["10.9.0.1/24"] } },
    v1: {
      kind: "vm",
      disk,
      memory: "512 MiB",
      ports: { net0: ["10.9.0.2/24", "fd00:9::2/64"] },
      cloudInit: { userData },
      ready: [{ command: "cloud-init status --wait", timeout: "600s" }],
    },
  };
  await writeFile(path, stringify({ nodes, wires: [["h1:net0", "v1:net0"]] }));
  return path;
}

test("a machine with a disk image of the user's own, beside one of ours", { timeout: 1_800_000 }, async () => {
  await using kestrel = await commandLine();
  const told = async (...command: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await kestrel.run(command);
    expect({ exitCode, stderr }, command.join(" ")).toMatchObject({ exitCode: 0 });
    return stdout;
  };
  const inGuest = (script: string): Promise<string> => told("exec", "v1", "--", "sh", "-c", script);
  const wire = async (): Promise<WireStatus | undefined> =>
    (JSON.parse(await told("wire", "ls", "--json")) as { readonly wires: readonly WireStatus[] }).wires[0];
  const before = await sha256File(disk);

  await told("up", await topologyFile(), "--name", "foreign");
  const { nodes } = JSON.parse(await told("status", "--json")) as TestbedStatus;
  const v1 = nodes.find(({ name }) => name === "v1");
  expect(v1).toMatchObject({ kind: "vm", state: "ready", transport: "ssh", origin: "boot" });

  // The seed: name, port name, MAC, addresses, and what the user's own data asked for.
  expect(await inGuest("hostname")).toBe("v1\n");
  expect(await inGuest("cat /etc/greeting /etc/loud-greeting")).toBe("hello from the seed\nHELLO FROM THE SEED\n");
  expect(await inGuest("cat /sys/class/net/net0/address")).toBe(`${v1?.ports[0]?.mac ?? ""}\n`);
  const addresses = await inGuest("ip -brief address show dev net0");
  expect(addresses).toContain("10.9.0.2/24");
  expect(addresses).toContain("fd00:9::2/64");
  expect(await inGuest("id alice >/dev/null && sudo id -u")).toBe("0\n");

  // Commands and files.
  const failing = await kestrel.run(["exec", "v1", "--", "sh", "-c", "echo out; echo err >&2; exit 7"]);
  expect(failing).toEqual({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
  await writeFile(join(scratch, "sent"), "across\n");
  await told("cp", join(scratch, "sent"), "v1:/tmp/arrived");
  await told("cp", "v1:/tmp/arrived", join(scratch, "back"));
  expect(await readFile(join(scratch, "back"), "utf8")).toBe("across\n");

  // The wire carries and counts what the two say to each other.
  const earlier = await wire();
  await told("exec", "h1", "--", "ping", "-c", "3", "-i", "0.2", "-W", "20", "10.9.0.2");
  const later = await wire();
  for (const direction of ["aToB", "bToA"] as const) {
    const frames = (later?.[direction].counters.frames ?? 0) - (earlier?.[direction].counters.frames ?? 0);
    expect(frames, direction).toBeGreaterThanOrEqual(3);
  }
  const capture = join(scratch, "all.pcapng");
  await told("wire", "capture", "--all", "--include-recorded", "--duration", "0", "-w", capture);
  const { frames } = readPcapng(await readFile(capture));
  const echoes = frames.filter(({ frame }) => parse(frame).layers.some(({ layer }) => layer === "icmp"));
  expect(echoes.length).toBeGreaterThanOrEqual(6);

  // What is written stays on the node's own disk: not lost by a power cycle, not in the user's image.
  await inGuest("echo kept >note && sync");
  await told("power-cycle", "v1");
  expect(await inGuest("cat note; hostname; cat /sys/class/net/net0/address")).toBe(
    `kept\nv1\n${v1?.ports[0]?.mac ?? ""}\n`,
  );
  expect(await sha256File(disk)).toBe(before);

  await told("down");
  await nothingRuns(kestrel.stateDirectory);
  expect(JSON.parse(await told("ls", "--json"))).toMatchObject({ testbeds: [] });
});
