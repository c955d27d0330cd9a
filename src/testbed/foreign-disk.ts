import { once } from "node:events";
import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { KestrelError } from "../error/kestrel-error.ts";
import { locateTools } from "../host/index.ts";
import type { DiskBoot } from "../machine/index.ts";
import { type ManagementPort, type NodePlan, type Plan, renderNetworkConfig } from "../topology/index.ts";
import { nodeFile } from "./launch.ts";

/** What is needed to let a foreign disk image boot as a node. */
export interface ForeignDiskRequest {
  readonly plan: Plan;
  readonly node: NodePlan;
  readonly runDirectory: string;
  readonly topologyDirectory: string;
  readonly authorizedKey: string;
}

/** The NIC that foreign guests are managed through; its MAC is the same everywhere, since it is on no wire. */
const managementPort: ManagementPort = { name: "mgmt0", mac: "52:54:00:6b:ff:fe" };

/**
 * A copy-on-write disk over the user's image, which stays as it is, and a cloud-init NoCloud seed that gives the guest
 * its name, its addresses and a user `kestrel` (may use sudo) who lets the testbed's key in.
 *
 * @throws KestrelError (input) when the image is not there or not one that QEMU knows; (host) when a tool is missing
 */
export async function prepareForeignDisk(request: ForeignDiskRequest): Promise<DiskBoot> {
  const { node, runDirectory, topologyDirectory } = request;
  if (node.disk === null) throw new Error(`${node.name} has no disk image`);
  const tools = await locateTools(["qemu-img", "genisoimage"]);
  const image = resolve(topologyDirectory, node.disk.path);
  const overlay = nodeFile(node.name, "disk.qcow2");
  if (!(await exists(join(runDirectory, overlay)))) {
    await makeOverlay(tools["qemu-img"].path, node, image, join(runDirectory, overlay));
  }
  const seed = nodeFile(node.name, "seed.iso");
  await makeSeed(tools.genisoimage.path, request, join(runDirectory, seed));
  return { type: "disk", overlay, seed, sshHostPort: await freeLoopbackPort(), managementMac: managementPort.mac };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function makeOverlay(qemuImg: string, node: NodePlan, image: string, overlay: string): Promise<void> {
  const fail = (expected: string, found: string): KestrelError =>
    new KestrelError({
      kind: "input",
      step: "open the disk image",
      subject: `${node.name}: ${image}`,
      expected,
      found,
    });
  if (!(await exists(image))) throw fail("a disk image", "no such file");
  const info = await execa(qemuImg, ["info", "--output=json", image], { reject: false });
  if (info.exitCode !== 0) throw fail("a disk image that QEMU knows", info.stderr);
  const { format } = JSON.parse(info.stdout) as { readonly format: string };
  const made = await execa(qemuImg, ["create", "-q", "-f", "qcow2", "-F", format, "-b", image, overlay], {
    reject: false,
  });
  if (made.exitCode !== 0) throw fail("a copy-on-write disk over it", made.stderr);
}

async function makeSeed(genisoimage: string, request: ForeignDiskRequest, path: string): Promise<void> {
  const { node, authorizedKey } = request;
  const cloudInit = node.disk?.cloudInit;
  const directory = join(request.runDirectory, nodeFile(node.name, "seed"));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const files: Record<string, string> = {
    "meta-data":
      cloudInit?.metaData ??
      stringify({ "instance-id": `${request.plan.name}-${node.name}`, "local-hostname": node.name }),
    "user-data": cloudInit?.userData ?? "#cloud-config\n{}\n",
    "network-config": renderNetworkConfig(node, managementPort),
    "vendor-data": vendorData(authorizedKey),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o600 });
  const options = ["-quiet", "-output", path, "-volid", "cidata", "-joliet", "-rock"];
  const made = await execa(genisoimage, [...options, directory], { reject: false });
  if (made.exitCode !== 0) {
    throw new KestrelError({
      kind: "host",
      step: "make the cloud-init seed",
      subject: node.name,
      expected: `a file system with room in ${request.runDirectory}`,
      found: made.stderr,
    });
  }
  await chmod(path, 0o600);
}

/**
 * A cloud config archive (cloud-init documentation, "User data formats"). Vendor data has the lower rank: a list of users
 * in the user's own data replaces this one, hence the script, which runs later and whatever is declared.
 */
function vendorData(authorizedKey: string): string {
  const kestrel = {
    name: "kestrel",
    shell: "/bin/bash",
    sudo: "ALL=(ALL) NOPASSWD:ALL",
    lock_passwd: true,
    ssh_authorized_keys: [authorizedKey],
  };
  const parts = [
    { type: "text/cloud-config", content: stringify({ users: ["default", kestrel] }) },
    { type: "text/x-shellscript", filename: "admit-kestrel", content: admitScript(authorizedKey) },
  ];
  return `#cloud-config-archive\n${stringify(parts)}`;
}

function admitScript(authorizedKey: string): string {
  return `#!/bin/sh
set -eu
id kestrel >/dev/null 2>&1 || useradd --create-home --shell /bin/bash --password '*' kestrel
home=$(getent passwd kestrel | cut -d: -f6)
keys=$home/.ssh/authorized_keys
mkdir -p -m 700 "$home/.ssh"
grep -qsF '${authorizedKey}' "$keys" || echo '${authorizedKey}' >>"$keys"
chmod 600 "$keys"
chown -R kestrel: "$home/.ssh"
mkdir -p /etc/sudoers.d
(umask 0337 && echo 'kestrel ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-kestrel)
`;
}

/** A TCP port of 127.0.0.1 that is free at this moment. */
async function freeLoopbackPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port was given");
  return address.port;
}
