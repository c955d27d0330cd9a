import { describeError } from "../../error/kestrel-error.ts";
import { buildStackBundle } from "../../guest/index.ts";
import { composeInitrd, imageBuild } from "../../image/index.ts";
import { type AcceleratorVerdict, forgetVerdicts, probeKvm } from "../../machine/index.ts";
import { findQemu, templateBasis, trialBasis, verdictDirectory } from "../../testbed/resources.ts";
import type { Check } from "./check.ts";

/** How to check the accelerator. */
export interface AcceleratorRequest {
  /** Whether QEMU and the image are there, without which nothing can be tried. */
  readonly possible: boolean;
  /** Forget what was found earlier. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** The guest that is tried: a node with two ports and the least memory that boots. */
const probeFacts = { memoryMiB: 256, cpus: 1, nicCount: 2, dataDiskMiB: null } as const;

/** Whether KVM runs guests here, found out by running one. Without it guests are emulated: slower, and otherwise the same. */
export async function checkAccelerator(request: AcceleratorRequest): Promise<Check> {
  if (!request.possible) {
    return {
      name: "kvm",
      verdict: "warning",
      found: "not tried: it takes QEMU and the base image",
      fix: "kestrel image build, then kestrel doctor",
    };
  }
  try {
    if (request.fresh) await forgetVerdicts(verdictDirectory());
    return toCheck(await probe(request));
  } catch (error) {
    request.signal.throwIfAborted();
    return { name: "kvm", verdict: "warning", found: `could not be tried: ${describeError(error)}` };
  }
}

/** A verdict as a check. */
export function toCheck({ works, reason, cached }: AcceleratorVerdict): Check {
  const when = cached ? " (found earlier; --fresh tries again)" : "";
  if (works) return { name: "kvm", verdict: "ok", found: `${reason}${when}` };
  return {
    name: "kvm",
    verdict: "warning",
    found: `${reason}${when}`,
    fix: "nothing needed: guests are emulated (TCG), which is slower",
  };
}

async function probe({ signal, onProgress }: AcceleratorRequest): Promise<AcceleratorVerdict> {
  const [qemu, stack, image] = await Promise.all([findQemu(), buildStackBundle(), imageBuild("base", { signal })]);
  const initrd = await composeInitrd(image, stack.files);
  return probeKvm({
    ...templateBasis(qemu),
    ...trialBasis(),
    facts: { ...probeFacts, imageDigest: image.digest, stackDigest: stack.digest, qemuDigest: qemu.digest },
    machine: "microvm",
    boot: { type: "direct", kernel: image.kernel, initrd, root: image.root },
    dataDisk: null,
    signal,
    onProgress,
  });
}
