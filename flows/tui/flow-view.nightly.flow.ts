import { access, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { TestbedStatus } from "../../src/testbed/index.ts";
import { commandLine } from "../../test/testbed/command-line.ts";
import { hasTmux, kestrel, Terminal } from "./terminal.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** A run of flows launches a testbed, and may have to make a template first. */
const runMs = 300_000;
const campaignMs = 120_000;

/** Two flows: one that passes, and one that expects a hop limit which no frame has. */
const flows = `import { expect, test } from "vitest";
import { ethernet, ipv6, packet, payload, testbed, udp } from ${JSON.stringify(join(root, "src/index.ts"))};

test("a host has an address", async () => {
  await using bed = await testbed("two-hosts");
  expect(bed.port("h1:net0").ipv6).toBe("fd00::1");
});

test("a wire lowers the hop limit", async () => {
  await using bed = await testbed("two-hosts");
  const [h1, h2] = [bed.port("h1:net0"), bed.port("h2:net0")];
  await h1.send(
    packet(
      ethernet({ src: h1.mac, dst: h2.mac }),
      ipv6({ src: h1.ipv6, dst: h2.ipv6, hopLimit: 64 }),
      udp({ srcPort: 4000, dstPort: 9 }),
      payload("hello"),
    ),
  );
  await expect(bed.wire("h1:net0--h2:net0")).toCarry({ udp: { dstPort: 9 }, ipv6: { hopLimit: 63 } }, { within: 2000 });
});
`;

async function flowProject(): Promise<string> {
  const directory = await mkdtemp("/tmp/kestrel-project-");
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, "flows"));
  await mkdir(join(directory, "topologies"));
  await cp(join(root, "topologies/two-hosts.yaml"), join(directory, "topologies/two-hosts.yaml"));
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  await writeFile(join(directory, "package.json"), '{ "type": "module" }\n');
  await writeFile(join(directory, "flows/hop-limit.flow.ts"), flows);
  return directory;
}

describe.runIf(hasTmux)("the flow view, and a testbed that falls silent and vanishes", () => {
  test("runs flows with their difference, breaks by a seed and heals; silence and death are sentences", async () => {
    await using commands = await commandLine();
    const project = await flowProject();
    expect(await commands.run(["up", join(project, "topologies/two-hosts.yaml")])).toMatchObject({ exitCode: 0 });
    const environment = `env -u KESTREL_RUN -u DISPLAY -u WAYLAND_DISPLAY KESTREL_STATE_DIR=${commands.stateDirectory}`;
    const terminal = await Terminal.run(`cd ${project} && ${environment} ${kestrel} tui two-hosts`, {
      columns: 120,
      rows: 60,
    });
    await terminal.sees("two-hosts ● ready");

    await terminal.keys("5");
    await terminal.sees("flows/hop-limit.flow.ts");
    await terminal.keys("Space", "Enter");
    await terminal.sees("1 marked");
    await terminal.sees("run: failed", runMs);
    await terminal.sees("1 passed, 1 failed");
    await terminal.sees("✔ flows/hop-limit.flow.ts · a host has an address");
    await terminal.sees("✖ flows/hop-limit.flow.ts · a wire lowers the hop limit");
    // The decoded difference, whose wanted and found values stand below each other.
    await terminal.sees(/hopLimit.*63[^]*64/);
    await terminal.keys("b");
    await terminal.sees("✔ the report is ");
    const report = /the report is (\S+report\.html)/.exec((await terminal.screen()).replaceAll("\n", ""))?.[1] ?? "";
    await access(report);

    await terminal.keys("c");
    await terminal.sees("◐ goes on");
    await terminal.sees("campaign: all healed", campaignMs);
    await terminal.sees(/\d faults, seed tui-\d+/);
    await terminal.sees(/✖ (h\d|h1:net0--h2:net0) is /);
    await terminal.sees(/✔ .*: healed/);

    // A supervisor that stands still says nothing; then it is gone.
    const { supervisor } = JSON.parse((await commands.run(["status", "--json"])).stdout) as TestbedStatus;
    process.kill(supervisor.pid, "SIGSTOP");
    await terminal.sees(/two-hosts ● ready, silent for \d/);
    process.kill(supervisor.pid, "SIGCONT");
    await terminal.sees(/two-hosts ● ready +\S+ *$/m);
    process.kill(supervisor.pid, "SIGKILL");
    await terminal.sees("✖ gone");
    await terminal.keys("2");
    await terminal.sees("✖ testbed two-hosts does not answer any more: the connection was lost");
    await terminal.sees("● h1");
    await terminal.resize(20, 5);
    await terminal.sees("too small");
    await terminal.keys("q");
    await terminal.resize(80, 24);
    await terminal.isSane();
  });
});
