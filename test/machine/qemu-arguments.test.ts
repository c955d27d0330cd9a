import { expect, test } from "vitest";
import { type MachineSpec, slotMac } from "../../src/machine/machine-spec.ts";
import { qemuArguments } from "../../src/machine/qemu-arguments.ts";

const clone: MachineSpec = {
  name: "bed/r1",
  machine: "microvm",
  accelerator: "tcg",
  memoryMiB: 256,
  cpus: 1,
  boot: { type: "direct", kernel: "/i/vmlinuz", initrd: "/i/initrd", root: "/i/root" },
  dataDisk: "nodes/r1/data.raw",
  nics: [
    { mac: slotMac(0), backend: { type: "panel", socket: "w/r1.net0" } },
    { mac: slotMac(1), backend: { type: "direct", localSocket: "w/r1.net1", remoteSocket: "w/h2.net0" } },
    { mac: slotMac(2), backend: { type: "none" } },
  ],
  userNetworks: [{ socket: "w/r1.net0+user", restricted: true }],
};

const options = { consoleLog: "nodes/r1/console.log", tscKilohertz: 2_500_000 };

function text(spec: MachineSpec, memory: Parameters<typeof qemuArguments>[1]["memory"]): string {
  return qemuArguments(spec, { ...options, memory }).join("\n");
}

test("a clone on microvm", async () => {
  await expect(text(clone, { type: "clone", file: "/t/memory" })).toMatchFileSnapshot("arguments/clone.txt");
});

test("a foreign disk image on q35", async () => {
  const spec: MachineSpec = {
    ...clone,
    machine: "q35",
    accelerator: "kvm",
    boot: {
      type: "disk",
      overlay: "nodes/r1/disk.qcow2",
      seed: "nodes/r1/seed.iso",
      sshHostPort: 40022,
      managementMac: "52:54:00:6b:ff:fe",
    },
    userNetworks: [],
  };
  await expect(text(spec, { type: "private" })).toMatchFileSnapshot("arguments/foreign.txt");
});

test("every machine is sandboxed and listens on nothing but loopback", () => {
  for (const memory of [{ type: "private" }, { type: "clone", file: "/t/memory" }] as const) {
    const command = text(clone, memory);
    expect(command).toContain("on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    expect(command).not.toMatch(/0\.0\.0\.0|\[::\]|server=on|-vnc/);
  }
});
