import type { FilePlan } from "../../topology/index.ts";

/** Path of a daemon's configuration in its node. */
export function configurationPath(daemon: string): string {
  return `/etc/kestrel/${daemon}.json`;
}

/** The file that a daemon reads its configuration from; readable for who looks into the node. */
export function configurationFile(daemon: string, configuration: object): FilePlan {
  return { path: configurationPath(daemon), mode: 0o600, content: `${JSON.stringify(configuration, null, 2)}\n` };
}
