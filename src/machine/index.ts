export { type AcceleratorVerdict, forgetVerdicts, probeKvm, type ProbeRequest, tscKilohertz } from "./accelerator.ts";
export { lastConsoleLines, panicWords } from "./console-words.ts";
export { Machine, type MachineStart } from "./machine.ts";
export {
  type Accelerator,
  type DirectBoot,
  type DiskBoot,
  type MachineSpec,
  type NicBackend,
  type NicSpec,
  slotMac,
  type UserNetworkSpec,
} from "./machine-spec.ts";
export { qemuArguments } from "./qemu-arguments.ts";
export { type QemuExit } from "./qemu-process.ts";
export {
  collectTemplates,
  discardTemplate,
  ensureTemplate,
  listTemplates,
  type Template,
  type TemplateFacts,
  type TemplateListing,
  type TemplateRequest,
} from "./template.ts";
