import { KestrelError } from "../error/kestrel-error.ts";
import { hostResources, type HostResources } from "../host/index.ts";
import { planMemoryMiB, type Plan } from "../topology/index.ts";

/** Memory that must stay free for the host itself, MiB. */
const hostReserveMiB = 512;
/** What QEMU needs beside the guest's memory for each machine (translated code, buffers), MiB. */
const overheadMiB = 40;
/** Most NICs, disks and control sockets of a machine, with room: file descriptors of the panel and the supervisor. */
const descriptorsPerNode = 30;

/**
 * Check that this host has the memory and the file descriptors for a plan, before anything is started.
 *
 * @throws KestrelError (host) with the numbers
 */
export function preflight(plan: Plan, openFilesLimit: number, resources: HostResources = hostResources()): void {
  const neededMiB = planMemoryMiB(plan) + plan.nodes.length * overheadMiB + hostReserveMiB;
  if (neededMiB > resources.memoryAvailableMiB) {
    throw new KestrelError({
      kind: "host",
      step: "check the memory of this host",
      subject: plan.name,
      expected: `${neededMiB} MiB available (${planMemoryMiB(plan)} MiB for ${plan.nodes.length} nodes, ${overheadMiB} MiB beside each, ${hostReserveMiB} MiB for the host)`,
      found: `${resources.memoryAvailableMiB} MiB of ${resources.memoryTotalMiB} MiB, by ${resources.memoryLimitedBy}`,
      hint: "give the nodes less memory, end other testbeds (kestrel ls), or use a bigger host",
    });
  }
  const neededFiles = plan.nodes.length * descriptorsPerNode + 256;
  if (neededFiles > openFilesLimit) {
    throw new KestrelError({
      kind: "host",
      step: "check the open-files limit of this user",
      subject: plan.name,
      expected: `at least ${neededFiles}`,
      found: String(openFilesLimit),
      hint: `raise it for this shell: ulimit -n ${neededFiles}`,
    });
  }
}
