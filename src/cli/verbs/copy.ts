import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { KestrelError } from "../../error/kestrel-error.ts";
import { wrongValue } from "../option-values.ts";
import { formatMilliseconds } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel cp`. */
export interface CopyOptions extends TestbedOption, JsonOption {
  readonly recursive?: boolean;
}

/** One side of a copy: a path of this host, or of a node. */
export interface CopySide {
  readonly node: string | undefined;
  readonly path: string;
}

/** `NODE:PATH` or `PATH`. A path of this host with a colon is written with a slash before it: `./a:b`. */
export function parseSide(text: string): CopySide {
  const [, node, path] = /^([^/:]+):(.*)$/s.exec(text) ?? [];
  if (node === undefined || path === undefined) return { node: undefined, path: text };
  if (path === "") throw wrongValue("cp", "a path after the colon", text);
  return { node, path };
}

/** Copy a file or a tree to or from a node. */
export async function copy(session: Session, from: string, to: string, options: CopyOptions): Promise<void> {
  const { terminal } = session;
  const [source, destination] = [parseSide(from), parseSide(to)];
  if ((source.node === undefined) === (destination.node === undefined)) {
    const found = source.node === undefined ? "two paths of this host" : "two nodes";
    const hint = source.node === undefined ? undefined : "copy to this host first, then to the other node";
    throw new KestrelError({
      kind: "input",
      step: "copy",
      subject: `${from} to ${to}`,
      expected: "NODE:PATH on one side",
      found,
      hint,
    });
  }
  const startedAt = performance.now();
  using testbed = await session.testbed(options);
  const guest = await testbed.node(source.node ?? destination.node ?? "").guest();
  if (source.node === undefined) {
    await refuseDirectory(source.path, options);
    await guest.copyIn(source.path, destination.path);
  } else {
    await guest.copyOut(source.path, destination.path);
  }
  const elapsedMs = Math.round(performance.now() - startedAt);
  if (options.json === true) terminal.printJson({ from, to, elapsedMs });
  else if (terminal.isLive) terminal.note(`copied ${from} to ${to} in ${formatMilliseconds(elapsedMs)}`);
}

async function refuseDirectory(path: string, { recursive }: CopyOptions): Promise<void> {
  if (recursive === true || !existsSync(path) || !(await stat(path)).isDirectory()) return;
  throw new KestrelError({
    kind: "input",
    step: "copy",
    subject: path,
    expected: "a file",
    found: "a directory",
    hint: "add -r",
  });
}
