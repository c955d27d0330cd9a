import { sha256, sha256Json } from "../host/index.ts";
import { bootFile } from "./boot-file.ts";
import { bundledModule } from "./bundled-module.ts";
import { koffiFiles } from "./koffi-files.ts";
import { nativeProgram } from "./native-program.ts";
import { nodeCommandOnce } from "./node-command.ts";
import { compiledP4Program } from "./p4-program.ts";
import { stackProgram } from "./stack-programs.ts";

/** A file of the bundle; its path is relative to /opt/kestrel in the node. */
export interface BundleFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

/** The code that runs in our own nodes of one kind. */
export interface StackBundle {
  readonly files: readonly BundleFile[];
  /** Changes with any byte of any file. */
  readonly digest: string;
}

/** Names of what nodes of a kind run of the rack's network stack. */
export interface BundleContents {
  readonly daemons: readonly string[];
  readonly commands: readonly string[];
  readonly programs: readonly string[];
  readonly modules: readonly string[];
}

/** The agent's file: replacing it does not change the agent that runs. */
export const agentFile = "agent";

const nothing: BundleContents = { daemons: [], commands: [], programs: [], modules: [] };

/** Build what our own nodes run: the guest agent, what starts daemons, and those of the stack that `contents` names. */
export async function buildStackBundle(contents: BundleContents | null = null): Promise<StackBundle> {
  const { daemons, commands, programs, modules } = contents ?? nothing;
  const names = [...daemons, ...commands];
  const built = await Promise.all([
    file(agentFile, nativeProgram("kestrel-agent"), 0o755),
    file("runtime.js", bundledModule("guest/runtime/main")),
    ...names.map((name) => file(`${name}.js`, bundledModule(stackProgram(name).module))),
    ...names.flatMap((name) => stackProgram(name).native ?? []).map((name) => file(name, nativeProgram(name), 0o755)),
    ...programs.map((name) => file(`${name}.json`, compiledP4Program(name))),
  ]);
  const files = [
    ...built,
    textFile("boot.json", JSON.stringify(bootFile({ daemons, commands, modules }))),
    // Node.js would otherwise try each file as a script before it takes it for a module.
    textFile("package.json", '{"type":"module"}\n'),
    ...commands.map((name) => textFile(`bin/${name}`, commandScript(name), 0o755)),
    ...(names.length === 0 ? [] : await koffiFiles()),
  ];
  return { files, digest: sha256Json(files.map(({ path, mode, content }) => [path, mode, sha256(content)])) };
}

async function file(path: string, content: Promise<Buffer>, mode = 0o644): Promise<BundleFile> {
  return { path, content: await content, mode };
}

function textFile(path: string, text: string, mode = 0o644): BundleFile {
  return { path, content: Buffer.from(text), mode };
}

function commandScript(name: string): string {
  return `#!/bin/sh\nexec ${nodeCommandOnce.join(" ")} run ${name} "$@"\n`;
}
