import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where Debian packages of one suite come from. */
export interface Mirror {
  /** Base address of the main archive. */
  readonly main: string;
  /** Base address of the security archive; absent when the mirror is not known to have one. */
  readonly security?: string;
}

/**
 * Choose the mirror: `KESTREL_MIRROR` (and `KESTREL_SECURITY_MIRROR`), else the image file's, else that of this host
 * when the host is Debian. Undefined leaves it to mmdebstrap, which knows Debian's own.
 *
 * @param root - directory that holds `etc`, for tests
 */
export async function chooseMirror(
  fromRecipe: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  root = "/",
): Promise<Mirror | undefined> {
  const named = environment["KESTREL_MIRROR"] ?? fromRecipe;
  if (named === undefined || named === "") return hostMirror(root);
  const security = environment["KESTREL_SECURITY_MIRROR"];
  return security === undefined || security === "" ? { main: named } : { main: named, security };
}

/** Lines for apt's sources.list(5), as mmdebstrap takes them; none leave the choice to it. */
export function sourceLines(mirror: Mirror | undefined, suite: string): string[] {
  if (mirror === undefined) return [];
  const lines = [`deb ${mirror.main} ${suite} main`];
  if (mirror.security !== undefined) lines.push(`deb ${mirror.security} ${suite}-security main`);
  return lines;
}

async function hostMirror(root: string): Promise<Mirror | undefined> {
  const release = await readFile(join(root, "etc/os-release"), "utf8").catch(() => "");
  if (!/^ID="?debian"?$/m.test(release)) return undefined;
  const sources = await readSources(root);
  const main = sources.find(({ suite, uri }) => /^[a-z]+$/.test(suite) && /\/debian\/?$/.test(uri));
  const security = sources.find(({ suite }) => suite.endsWith("-security"));
  if (main === undefined) return undefined;
  return security === undefined ? { main: main.uri } : { main: main.uri, security: security.uri };
}

interface Source {
  readonly uri: string;
  readonly suite: string;
}

async function readSources(root: string): Promise<Source[]> {
  const directory = join(root, "etc/apt/sources.list.d");
  const files = [join(root, "etc/apt/sources.list")];
  for (const name of (await readdir(directory).catch(() => [])).toSorted()) files.push(join(directory, name));
  const texts = await Promise.all(
    files.map(async (file) => [file, await readFile(file, "utf8").catch(() => "")] as const),
  );
  return texts.flatMap(([file, text]) => (file.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text)));
}

/** Sources in the deb822 style of sources.list(5). */
function parseDeb822(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const field = (name: string): string[] =>
      new RegExp(`^${name}: *(.*)$`, "im").exec(paragraph)?.[1]?.split(/\s+/).filter(Boolean) ?? [];
    if (!field("Types").includes("deb") || field("Enabled").includes("no")) return [];
    return field("URIs").flatMap((uri) => field("Suites").map((suite) => ({ uri, suite })));
  });
}

/** Sources in the one-line style of sources.list(5). */
function parseOneLine(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    const [, uri, suite] = match ?? [];
    return uri === undefined || suite === undefined ? [] : [{ uri, suite }];
  });
}
