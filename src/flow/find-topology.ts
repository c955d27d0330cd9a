import { access, readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { closest } from "fastest-levenshtein";
import { KestrelError } from "../error/kestrel-error.ts";

const extension = /\.ya?ml$/;

/**
 * The file of a topology. A name such as `routed` is looked up in `topologies/` of the directory and of those above it,
 * up to the root of the package; anything with a slash or an extension is a path.
 *
 * @throws KestrelError (input) that says where it was looked for, and which name is nearest
 */
export async function findTopology(nameOrPath: string, directory = process.cwd()): Promise<string> {
  if (nameOrPath.includes("/") || extension.test(nameOrPath)) return resolve(directory, nameOrPath);
  const known: string[] = [];
  const looked: string[] = [];
  for (const candidate of await directoriesUpToPackage(directory)) {
    const folder = join(candidate, "topologies");
    const files = (await readdir(folder).catch(() => [])).filter((file) => extension.test(file));
    const file = files.find((each) => each.replace(extension, "") === nameOrPath);
    if (file !== undefined) return join(folder, file);
    known.push(...files.map((each) => each.replace(extension, "")));
    looked.push(folder);
  }
  throw new KestrelError({
    kind: "input",
    step: "find the topology",
    subject: nameOrPath,
    expected: `${nameOrPath}.yaml in ${looked.join(" or ")}`,
    found: known.length === 0 ? "no topologies there" : known.toSorted().join(", "),
    hint:
      known.length === 0
        ? "give the path of the file"
        : `did you mean ${JSON.stringify(closest(nameOrPath, known))}? a path works too`,
  });
}

/** The directory and those above it, up to the first that holds a package (or the root of the file system). */
async function directoriesUpToPackage(directory: string): Promise<readonly string[]> {
  const hasPackage = await access(join(directory, "package.json")).then(
    () => true,
    () => false,
  );
  const parent = dirname(directory);
  return hasPackage || parent === directory ? [directory] : [directory, ...(await directoriesUpToPackage(parent))];
}
