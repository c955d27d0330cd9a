import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const namespaces = ["--user", "--map-root-user", "--net"];
const namespacesWork = spawnSync("unshare", [...namespaces, "true"]).status === 0;

interface Said {
  readonly sent: unknown;
  readonly received: unknown;
  readonly missing: string;
  readonly drops: number;
}

test.skipIf(!namespacesWork)(
  "a switch forwards between interfaces, VLAN tags and all, and hears nothing of what it sends",
  { timeout: 60_000 },
  () => {
    // Frames of the kernel's own (neighbour discovery) would be switched too.
    const script = `set -e
for pair in a b; do
  ip link add "$pair"0 type veth peer name "$pair"1
  for end in 0 1; do
    echo 1 > /proc/sys/net/ipv6/conf/"$pair$end"/disable_ipv6
    ip link set "$pair$end" up
  done
done
exec "$0" "$1"`;
    const main = fileURLToPath(new URL("on-interfaces.ts", import.meta.url));
    const { stdout, stderr } = spawnSync("unshare", [...namespaces, "sh", "-c", script, process.execPath, main], {
      encoding: "utf8",
      timeout: 50_000,
    });
    expect(stdout, stderr).not.toBe("");
    const { sent, received, missing, drops } = JSON.parse(stdout) as Said;
    expect(received).toEqual(sent);
    expect(missing).toBe("if_nametoindex nowhere: ENODEV");
    expect(drops).toBe(0);
  },
);
