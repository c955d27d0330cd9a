import { readFileSync } from "node:fs";
import { access, constants, readFile, rm } from "node:fs/promises";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { describeError } from "../error/kestrel-error.ts";
import { ensureDirectory, sha256Json, writeFileAtomic } from "../host/index.ts";
import type { Accelerator } from "./machine-spec.ts";
import { Machine } from "./machine.ts";
import { type TemplateRequest, discardTemplate, ensureTemplate, unidentifiedSpec } from "./template.ts";

/** What trying an accelerator showed. */
export interface AcceleratorVerdict {
  readonly accelerator: Accelerator;
  readonly works: boolean;
  /** What failed, or how long it took; a sentence for a person. */
  readonly reason: string;
  /** Whether the verdict is an earlier one about the same host. */
  readonly cached: boolean;
}

/** Milliseconds for a guest on KVM to boot, freeze and wake as a clone; hardware needs two seconds. */
const probeDeadlineMs = 20_000;

/** The part of a template request that the probe cannot know by itself. */
export type ProbeRequest = Omit<TemplateRequest, "deadlineMs" | "facts" | "onProgress"> & {
  readonly facts: Omit<TemplateRequest["facts"], "accelerator">;
  /** Directory in which verdicts are kept. */
  readonly verdictDirectory: string;
  /** Resolves when a clone's agent answers. */
  readonly alive: (machine: Machine) => Promise<void>;
  readonly onProgress?: (message: string) => void;
};

/**
 * Whether KVM runs guests here: a guest is booted, frozen and cloned with a deadline, because a `/dev/kvm` that opens
 * says nothing (nested virtualisation may create machines that then hang). Verdicts are kept per host facts.
 */
export async function probeKvm(request: ProbeRequest): Promise<AcceleratorVerdict> {
  const unusable = await cannotOpenKvm();
  if (unusable !== undefined) return { accelerator: "kvm", works: false, reason: unusable, cached: false };
  await ensureDirectory(request.verdictDirectory);
  const file = join(request.verdictDirectory, `${sha256Json(hostFacts(request.facts.qemuDigest)).slice(0, 32)}.json`);
  const earlier = await readVerdict(file);
  if (earlier !== undefined) return { ...earlier, cached: true };
  request.onProgress?.("trying KVM: a guest is booted, frozen and cloned");
  const verdict = await tryKvm(request);
  await writeFileAtomic(file, JSON.stringify(verdict));
  return verdict;
}

/** Forget all verdicts, so that the next probe tries again. */
export async function forgetVerdicts(verdictDirectory: string): Promise<void> {
  await rm(verdictDirectory, { recursive: true, force: true });
}

/** Frequency of this host's time stamp counter in kHz, or null when the kernel does not tell. */
export function tscKilohertz(): number | null {
  const match = /^cpu MHz\s*: (\d+(?:\.\d+)?)$/m.exec(readFileSync("/proc/cpuinfo", "latin1"));
  return match === null ? null : Math.round(Number(match[1]) * 1000);
}

async function cannotOpenKvm(): Promise<string | undefined> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT"
      ? "there is no /dev/kvm: the CPU or the hypervisor below offers no virtualisation, or the module is not loaded"
      : "this user may not open /dev/kvm: sudo usermod -aG kvm $USER, then log in again";
  }
}

function hostFacts(qemuDigest: string): unknown {
  return { kernel: release(), cpu: cpus()[0]?.model ?? "", qemuDigest, probe: 1 };
}

async function readVerdict(file: string): Promise<AcceleratorVerdict | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as AcceleratorVerdict;
  } catch {
    return undefined;
  }
}

async function tryKvm(request: ProbeRequest): Promise<AcceleratorVerdict> {
  const started = performance.now();
  const verdict = (works: boolean, reason: string): AcceleratorVerdict => ({
    accelerator: "kvm",
    works,
    reason,
    cached: false,
  });
  const kvmRequest = {
    ...request,
    facts: { ...request.facts, accelerator: "kvm" as const },
    deadlineMs: probeDeadlineMs,
  };
  try {
    const template = await ensureTemplate(kvmRequest);
    const machine = await Machine.start({
      spec: unidentifiedSpec("probe/kvm", kvmRequest),
      qemu: request.qemu,
      workingDirectory: template.directory,
      consoleLog: join(template.directory, "probe-console.log"),
      template,
      tscKilohertz: request.tscKilohertz,
      signal: request.signal,
    });
    try {
      machine.console.resume();
      const deadline = AbortSignal.timeout(probeDeadlineMs);
      const late = new Promise<never>((_, reject) => {
        deadline.addEventListener("abort", () => {
          reject(new Error("the clone did not answer in time"));
        });
      });
      await machine.whileRunning("wake the clone", Promise.race([request.alive(machine), late]));
    } catch (error) {
      await discardTemplate(template);
      throw error;
    } finally {
      await machine.kill();
    }
    return verdict(true, `a guest booted, froze and woke as a clone in ${Math.round(performance.now() - started)} ms`);
  } catch (error) {
    request.signal?.throwIfAborted();
    return verdict(false, `/dev/kvm opens, but a guest does not run on it: ${describeError(error)}`);
  }
}
