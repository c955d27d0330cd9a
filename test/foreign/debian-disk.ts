import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { kestrelDirectories, locateTools, sha256 } from "../../src/host/index.ts";
import { chooseMirror, sourceLines } from "../../src/image/mirror.ts";

const suite = "bookworm";
const packages = [
  "cloud-init",
  "initramfs-tools",
  "iproute2",
  "iputils-ping",
  "linux-image-cloud-amd64",
  "openssh-server",
  "procps",
  "sudo",
  "systemd-sysv",
  "udev",
];
const recipe = fileURLToPath(new URL("disk/", import.meta.url));
const recipeFiles = ["make-disk", "grub.cfg", "cloud.cfg"];

/**
 * A disk image as a user would bring it: Debian with its own boot loader, kernel, cloud-init and SSH server, made from
 * packages alone and kept in the cache for as long as its recipe stays the same.
 *
 * @returns path of a compressed qcow2 file
 */
export async function debianDisk(): Promise<string> {
  const directory = join(kestrelDirectories().cache, "test-images");
  const path = join(directory, `debian-${(await recipeDigest()).slice(0, 16)}.qcow2`);
  const kept = await stat(path).catch(() => undefined);
  if (kept !== undefined) return path;
  await locateTools(["mmdebstrap", "mke2fs", "qemu-img", "sfdisk", "grub-mkimage"]);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // In a user namespace, mmdebstrap is another user, who has to write to the workspace and may not reach this tree.
  const workspace = await mkdtemp(join(tmpdir(), "kestrel-disk-"));
  const part = `${path}.${String(process.pid)}.part`;
  try {
    await chmod(workspace, 0o777);
    await cp(recipe, join(workspace, "recipe"), { recursive: true });
    await buildDisk(workspace);
    const raw = join(workspace, "disk.raw");
    await execa("qemu-img", ["convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "compression_type=zstd", raw, part]);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
    await rm(workspace, { recursive: true, force: true });
  }
  return path;
}

async function recipeDigest(): Promise<string> {
  const texts = await Promise.all(recipeFiles.map((name) => readFile(join(recipe, name), "utf8")));
  return sha256(JSON.stringify([suite, packages, ...texts]));
}

async function buildDisk(workspace: string): Promise<void> {
  const options = [
    "--variant=essential",
    "--architectures=amd64",
    "--format=null",
    "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg",
    '--aptopt=Acquire::Languages "none"',
    "--aptopt=Acquire::Retries 3",
    '--aptopt=APT::Install-Recommends "false"',
    ...["doc", "man", "info", "locale"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    `--include=${packages.join(",")}`,
    `--customize-hook=${join(workspace, "recipe/make-disk")}`,
  ];
  await execa("mmdebstrap", [...options, suite, "/dev/null", ...sourceLines(await chooseMirror(undefined), suite)], {
    stdin: "ignore",
    env: { DISK_WORKSPACE: workspace, TMPDIR: workspace, LC_ALL: "C.UTF-8", INITRD: "No" },
  });
}
