import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "../channel/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import { type StackBundle, buildStackBundle, greetAgent, waitUntilParked } from "../guest/index.ts";
import { kestrelDirectories, locateTool, sha256Json } from "../host/index.ts";
import { composeInitrd, dataDisk, type Image, imageBuild } from "../image/index.ts";
import {
  type Accelerator,
  type DirectBoot,
  ensureTemplate,
  type Machine,
  probeKvm,
  type ProbeRequest,
  type Template,
  type TemplateRequest,
  tscKilohertz,
} from "../machine/index.ts";
import { type NodePlan, type Plan, stackOfKind } from "../topology/index.ts";
import { templateFacts } from "./launch.ts";
import type { Happening } from "./protocol.ts";

/** Milliseconds for a template's guest to boot and park; with many daemons, that is minutes on a busy host. */
const templateDeadlineMs = 600_000;

/** QEMU as found on this host. */
export interface Qemu {
  readonly path: string;
  readonly version: string;
  /** Identifies the binary; templates made by another one are not compatible. */
  readonly digest: string;
}

/** What nodes of one kind boot from one image. */
interface PreparedBoot {
  readonly image: Image;
  readonly stack: StackBundle;
  readonly boot: DirectBoot;
}

/** What all machines of a testbed are made from, got ready on this host. */
export interface Resources {
  readonly qemu: Qemu;
  readonly accelerator: Accelerator;
  readonly tscKilohertz: number | null;
  /** Digest of the code for the guests, that of all kinds together. */
  readonly stackDigest: string;
  readonly images: readonly Image[];
  /** The image a node boots from. */
  boot(node: NodePlan): Promise<DirectBoot>;
  /** The template that a node is a clone of; made when it is not there. */
  template(node: NodePlan, signal: AbortSignal): Promise<Template>;
}

/** What {@link prepareResources} needs to know. */
export interface ResourceRequest {
  readonly testbed: string;
  readonly plan: Plan;
  readonly accelerator: Accelerator | "auto";
  readonly emit: (happening: Happening) => void;
  readonly signal: AbortSignal;
}

/** Directory of all templates. */
export function templateDirectory(): string {
  return join(kestrelDirectories().cache, "templates");
}

/** Directory of what trying accelerators has shown. */
export function verdictDirectory(): string {
  return join(kestrelDirectories().cache, "accelerators");
}

/** QEMU's path and digest. Throws KestrelError (host) when it is missing or too old. */
export async function findQemu(): Promise<Qemu> {
  const { path, version = "unknown" } = await locateTool("qemu");
  const { size, mtimeMs } = await stat(path);
  return { path, version, digest: sha256Json({ path, size, mtimeMs }) };
}

/** Build or find the images, the code for the guests and the accelerator that a plan needs. */
export async function prepareResources(request: ResourceRequest): Promise<Resources> {
  const { plan, emit, signal } = request;
  const own = plan.nodes.filter(({ disk }) => disk === null);
  emit({ type: "phase", phase: "image", message: "prepare the images" });
  const [qemu, stacks] = await Promise.all([findQemu(), buildBundles(own)]);
  const boots = new Map<string, PreparedBoot>();
  for (const node of own) {
    if (!boots.has(bootKey(node))) boots.set(bootKey(node), await prepareBoot(node, stacks, request));
  }
  const common = templateBasis(qemu);
  const templateRequest = async (
    node: NodePlan,
    accelerator: Accelerator,
  ): Promise<Omit<TemplateRequest, "deadlineMs">> => {
    const prepared = bootOf(node, boots);
    const facts = templateFacts(node, {
      testbed: request.testbed,
      accelerator,
      qemuDigest: qemu.digest,
      stackDigest: prepared.stack.digest,
      imageDigest: prepared.image.digest,
      boot: prepared.boot,
    });
    const disk = node.dataDiskMiB === null ? null : await dataDisk(node.dataDiskMiB);
    return { ...common, facts, machine: node.machine, boot: prepared.boot, dataDisk: disk };
  };
  const [probeNode] = own;
  const accelerator = await chooseAccelerator(
    request,
    probeNode === undefined ? undefined : await templateRequest(probeNode, "kvm"),
  );
  return {
    qemu,
    accelerator,
    tscKilohertz: common.tscKilohertz,
    stackDigest: combinedDigest([...stacks.values()]),
    images: [...new Map([...boots.values()].map(({ image }) => [image.digest, image])).values()],
    boot: (node) => Promise.resolve(bootOf(node, boots).boot),
    template: async (node, templateSignal) =>
      ensureTemplate({
        ...(await templateRequest(node, accelerator)),
        deadlineMs: templateDeadlineMs,
        signal: AbortSignal.any([signal, templateSignal]),
        onProgress: (message) => {
          emit({ type: "progress", step: `template for ${node.name}`, message });
        },
      }),
  };
}

/** The bundle of each kind that there is a node of. */
async function buildBundles(nodes: readonly NodePlan[]): Promise<ReadonlyMap<string, StackBundle>> {
  const kinds = [...new Set(nodes.map(({ kind }) => kind))];
  return new Map(
    await Promise.all(kinds.map(async (kind) => [kind, await buildStackBundle(stackOfKind(kind))] as const)),
  );
}

/** One digest for all of them: that of the only one, when all kinds run the same. */
function combinedDigest(stacks: readonly StackBundle[]): string {
  const digests = [...new Set(stacks.map(({ digest }) => digest))].toSorted();
  const [only] = digests;
  return digests.length === 1 && only !== undefined ? only : sha256Json(digests);
}

function bootKey({ image, kind }: NodePlan): string {
  return `${image ?? ""}/${kind}`;
}

function bootOf(node: NodePlan, boots: ReadonlyMap<string, PreparedBoot>): PreparedBoot {
  const prepared = boots.get(bootKey(node));
  if (prepared === undefined) throw new Error(`nothing was prepared for node ${node.name} to boot from`);
  return prepared;
}

async function prepareBoot(
  node: NodePlan,
  stacks: ReadonlyMap<string, StackBundle>,
  { emit, signal }: ResourceRequest,
): Promise<PreparedBoot> {
  const stack = stacks.get(node.kind);
  if (node.image === null || stack === undefined) throw new Error(`node ${node.name} boots no image`);
  const image = await imageBuild(node.image, {
    signal,
    onProgress: ({ step, fraction, message }) => {
      emit({ type: "progress", step: `image ${node.image ?? ""}: ${step}`, fraction, message });
    },
  });
  const initrd = await composeInitrd(image, stack.files);
  return { image, stack, boot: { type: "direct", kernel: image.kernel, initrd, root: image.root } };
}

async function chooseAccelerator(
  { accelerator, emit, signal }: ResourceRequest,
  probe: Omit<TemplateRequest, "deadlineMs"> | undefined,
): Promise<Accelerator> {
  if (accelerator === "tcg" || probe === undefined) return "tcg";
  emit({ type: "phase", phase: "accelerator", message: "find out whether KVM runs guests here" });
  const verdict = await probeKvm({
    ...probe,
    ...trialBasis(),
    signal,
    onProgress: (message) => {
      emit({ type: "progress", step: "accelerator", message });
    },
  });
  if (verdict.works) return "kvm";
  if (accelerator === "kvm") {
    throw new KestrelError({
      kind: "host",
      step: "use KVM",
      expected: "an accelerator that runs guests",
      found: verdict.reason,
      hint: "leave --accelerator out to fall back to emulation; `kestrel doctor` tells more",
    });
  }
  if (!verdict.cached)
    emit({ type: "notice", message: `KVM is not usable, guests are emulated: ${verdict.reason.split("\n")[0] ?? ""}` });
  return "tcg";
}

/** The part of a request for a template that is the same for all machines of this host. */
export function templateBasis({ path }: Qemu): Pick<TemplateRequest, "qemu" | "directory" | "tscKilohertz" | "parked"> {
  return { qemu: path, directory: templateDirectory(), tscKilohertz: tscKilohertz(), parked: waitUntilParked };
}

/** The part of a trial of KVM that no template needs. */
export function trialBasis(): Pick<ProbeRequest, "verdictDirectory" | "alive"> {
  return { verdictDirectory: verdictDirectory(), alive: agentAnswers };
}

async function agentAnswers(machine: Machine): Promise<void> {
  const connection: Connection = await greetAgent(machine.agent, { parks: false, deadlineMs: 20_000, node: "probe" });
  await connection.request("ping", undefined, { timeoutMs: 20_000 });
}
