import { expect, test } from "vitest";
import { parseModuleTable, selectModules } from "../../src/image/kernel-modules.ts";
import { pathPattern } from "../../src/image/path-pattern.ts";

const table = parseModuleTable(
  [
    "kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko",
    "kernel/drivers/virtio/virtio.ko:",
    "kernel/drivers/virtio/virtio_ring.ko:",
    "kernel/net/sched/sch_netem.ko:",
    "kernel/net/sched/sch_tbf.ko:",
    "kernel/crypto/crc32c-intel.ko.zst:",
    "",
  ].join("\n"),
  "kernel/fs/ext4/ext4.ko\n",
);

test("what a module needs comes before it, each once", () => {
  expect(selectModules(table, ["virtio_blk", "virtio"])).toEqual({
    paths: [
      "kernel/drivers/virtio/virtio.ko",
      "kernel/drivers/virtio/virtio_ring.ko",
      "kernel/drivers/block/virtio_blk.ko",
    ],
    unknown: [],
  });
});

test("a pattern takes all that fit; dash and underscore are the same", () => {
  expect(selectModules(table, ["sch_*", "crc32c-intel"]).paths).toEqual([
    "kernel/net/sched/sch_netem.ko",
    "kernel/net/sched/sch_tbf.ko",
    "kernel/crypto/crc32c-intel.ko.zst",
  ]);
});

test("what is built into the kernel is there; what is nowhere is told", () => {
  expect(selectModules(table, ["ext4", "nonsense", "none_*"])).toEqual({ paths: [], unknown: ["nonsense", "none_*"] });
});

test("a path pattern fits the path and what is below it, and nothing beside it", () => {
  const fits = pathPattern(["usr/share/perl", "etc/ssh_host_*", "a.b"]);
  for (const path of ["usr/share/perl", "usr/share/perl/5/x", "etc/ssh_host_key", "etc/ssh_host_d/x", "a.b"]) {
    expect(fits(path)).toBe(true);
  }
  for (const path of ["usr/share/perl5", "x/usr/share/perl", "etc/other", "axb", ""]) expect(fits(path)).toBe(false);
  expect(pathPattern([])("x")).toBe(false);
});
