import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { DocumentFaults, readDocument } from "../document/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import { sha256 } from "../host/index.ts";

const packageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, "expected the name of a Debian package");
const moduleName = z.string().regex(/^[\w*-]+$/, "expected the name of a kernel module, `*` for any characters");
const absolutePath = z
  .string()
  .regex(/^(\/[^/\0]+)+$/, "expected an absolute path")
  .refine((path) => !/\/\.\.?(\/|$)/.test(path), "expected a path without `.` and `..`")
  .refine((path) => Buffer.byteLength(path) <= 100, "expected a path of at most 100 bytes");

const recipeFileSchema = z
  .strictObject({
    path: absolutePath.describe("where the file is in the image"),
    content: z.string().optional().describe("its content"),
    source: z.string().min(1).optional().describe("a file to copy, relative to the image file"),
    mode: z
      .string()
      .regex(/^0?[0-7]{3,4}$/, 'expected an octal mode such as "0644"')
      .default("0644"),
  })
  .refine((file) => (file.content === undefined) !== (file.source === undefined), {
    error: "expected either `content` or `source`",
  });

const bootServiceSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][\w.-]{0,63}$/i, "expected a name of letters, digits, dots and dashes"),
  command: z.array(z.string().min(1)).min(1).describe("program and arguments"),
  env: z.record(z.string(), z.string()).optional().describe("environment variables of its own"),
  restart: z.enum(["always", "never"]).default("always"),
});

/** What an image file in `images/` may say. */
export const imageRecipeSchema = z.strictObject({
  description: z.string().default("").describe("what the image is for"),
  suite: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .describe("Debian suite, by its code name so that it stays what it is"),
  mirror: z
    .url({ protocol: /^(https?|file)$/ })
    .optional()
    .describe("where Debian packages come from; KESTREL_MIRROR overrides it"),
  kernel: packageName.describe("package of the kernel"),
  packages: z.array(packageName).describe("packages to install besides the essential ones"),
  initramfs: z
    .strictObject({ modules: z.array(moduleName).describe("kernel modules that are needed to find the root") })
    .describe("what runs before the root file system is there"),
  modules: z.array(moduleName).default([]).describe("kernel modules to keep, with all that they need"),
  prune: z
    .array(z.string().regex(/^[^/].*[^/]$/, "expected a path without a slash before or after it"))
    .default([])
    .describe("paths to leave out, with everything below them; `*` for any characters but a slash"),
  files: z.array(recipeFileSchema).default([]).describe("files to add or to replace"),
  services: z.array(bootServiceSchema).default([]).describe("daemons that run in every node before it has an identity"),
  readiness: z
    .array(z.strictObject({ file: absolutePath }))
    .default([])
    .describe("what must be there before a machine is frozen as a template, or taken for booted"),
});

/** An image file, read and checked. */
export type ImageRecipe = z.infer<typeof imageRecipeSchema>;

/** A file to put into the image's root. */
export interface RecipeFile {
  /** Relative to the root, without a slash before it. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

/** A recipe with everything it refers to. */
export interface LoadedRecipe {
  /** Name of the image: the file's name without `.yaml`. */
  readonly name: string;
  readonly file: string;
  readonly recipe: ImageRecipe;
  readonly files: readonly RecipeFile[];
  /** SHA-256 of everything above but the mirror. */
  readonly digest: string;
}

/** Read by the agent of the node before it parks. */
const bootFile = "etc/kestrel/boot.json";

/** The directory of the images that Kestrel brings along. */
export const imagesDirectory: string = join(import.meta.dirname, "../../images");

/**
 * Read an image file.
 *
 * @param nameOrPath - name of a file in {@link imagesDirectory}, or a path, which has a slash or ends in `.yaml`
 * @throws KestrelError (input) when it cannot be read; DocumentFaults with everything that is wrong in it
 */
export async function loadRecipe(nameOrPath: string): Promise<LoadedRecipe> {
  const isPath = nameOrPath.includes("/") || /\.ya?ml$/.test(nameOrPath);
  const file = isPath ? resolve(nameOrPath) : join(imagesDirectory, `${nameOrPath}.yaml`);
  const document = await readDocument(file, imageRecipeSchema, "read image");
  const recipe = document.value;
  const results = await Promise.allSettled(recipe.files.map((entry) => loadFile(entry, dirname(file))));
  const faults = results.flatMap((result, index) =>
    result.status === "rejected"
      ? [document.faultAt(["files", index, "source"], `cannot be read: ${reasonOf(result.reason)}`)]
      : [],
  );
  if (faults.length > 0) throw new DocumentFaults("read image", faults);
  const { services, readiness } = recipe;
  const boot = { path: bootFile, content: Buffer.from(JSON.stringify({ services, readiness })), mode: 0o644 };
  const files = [...results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])), boot];
  const { mirror: _mirror, files: _files, description: _description, ...rest } = recipe;
  const contents = files.map(({ path, mode, content }) => [path, mode, sha256(content)]);
  return {
    name: imageName(file),
    file,
    recipe,
    files,
    digest: sha256(JSON.stringify([rest, contents])),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "ENOENT" ? "no such file" : error.message;
}

function imageName(file: string): string {
  const name = file.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) return name;
  throw new KestrelError({
    kind: "input",
    step: "read image",
    subject: file,
    expected: "a file name of letters, digits, dots and dashes: it names the image",
    found: `"${name}"`,
  });
}

async function loadFile(entry: ImageRecipe["files"][number], directory: string): Promise<RecipeFile> {
  const content =
    entry.source === undefined ? Buffer.from(entry.content ?? "") : await readFile(resolve(directory, entry.source));
  return { path: entry.path.slice(1), content, mode: Number.parseInt(entry.mode, 8) };
}
