import { readFile } from "node:fs/promises";
import type { NodeProvisioner } from "./node-provisioner.ts";
import type { NodeRuntime } from "./node-runtime.ts";
import type { TestbedProvenance } from "./protocol.ts";
import type { Resources } from "./resources.ts";

/** What a testbed is made from, told by the parts that it was made with. */
export async function describeProvenance(
  resources: Resources,
  nodes: Iterable<NodeRuntime>,
  provisioner: NodeProvisioner | undefined,
): Promise<TestbedProvenance> {
  const { accelerator, qemu, stackDigest, images } = resources;
  return {
    accelerator,
    qemu,
    stackDigest,
    images: images.map(({ name, digest, manifest: { kernelRelease, nodeVersion, packages } }) => ({
      name,
      digest,
      kernelRelease,
      nodeVersion,
      packages,
    })),
    nodes: await Promise.all(
      [...nodes].map(async ({ node: { name }, machine }) => ({
        name,
        template: provisioner?.templateKey(name) ?? null,
        commandLine: machine?.pid === undefined ? null : await commandLineOf(machine.pid),
      })),
    ),
  };
}

/** Arguments of a process, the program first; null when it is gone. */
async function commandLineOf(pid: number): Promise<readonly string[] | null> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return text === "" ? null : text.replace(/\0$/, "").split("\0");
}
