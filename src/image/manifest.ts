import { z } from "zod";
import { sha256Json } from "../host/index.ts";

const artifactSchema = z.strictObject({ size: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** Files that an image consists of. */
export const artifactNames = ["vmlinuz", "initrd", "root.squashfs"] as const;

export type ArtifactName = (typeof artifactNames)[number];

/** What `manifest.json` of an image holds: what is in it and how to tell whether it still is. */
export const manifestSchema = z.strictObject({
  name: z.string(),
  /** SHA-256 of everything that went into it, mirrors and package versions aside. */
  recipe: z.string(),
  suite: z.string(),
  /** What `uname -r` says in the guest. */
  kernelRelease: z.string(),
  nodeVersion: z.string(),
  /** Debian package -> version. */
  packages: z.record(z.string(), z.string()),
  artifacts: z.record(z.enum(artifactNames), artifactSchema),
  builtAt: z.iso.datetime(),
  /** Milliseconds of each step that this build did itself. */
  stepMs: z.record(z.string(), z.number()),
});

/** {@link manifestSchema} */
export type Manifest = z.infer<typeof manifestSchema>;

/** Identity of an image's content: equal when all its files are. */
export function contentDigest(manifest: Manifest): string {
  return sha256Json(artifactNames.map((name) => manifest.artifacts[name].sha256));
}

/**
 * Installed packages and their versions from dpkg's status file (deb-control format, dpkg(1)).
 *
 * @param status - text of `/var/lib/dpkg/status`
 */
export function parsePackages(status: string): Record<string, string> {
  const packages: Record<string, string> = {};
  for (const paragraph of status.split(/\n\n+/)) {
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    const version = /^Version: (.+)$/m.exec(paragraph)?.[1];
    const installed = /^Status: \S+ \S+ installed$/m.test(paragraph);
    if (name !== undefined && version !== undefined && installed) packages[name] = version;
  }
  return packages;
}
