import { join } from "node:path";
import type { NodeStatus, TestbedStatus } from "../testbed/protocol.ts";
import { runFiles } from "../testbed/run-directory.ts";
import { launcherPath } from "./version.ts";

/** Directories of Kestrel that a proxy started by ssh must find again. */
const inheritedVariables = ["KESTREL_STATE_DIR", "XDG_STATE_HOME"] as const;

/**
 * How ssh reaches a node, as options of ssh_config(5). Nodes of our own kinds are reached through `kestrel ssh-proxy`,
 * over the supervisor's socket; foreign ones on their port of 127.0.0.1. Host keys are as old as the testbed and the way
 * there never leaves this host, so there is nothing to remember about them.
 */
export function sshSettings(
  testbed: string,
  { runDirectory }: Pick<TestbedStatus, "runDirectory">,
  node: Pick<NodeStatus, "name" | "ssh">,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  return {
    ...(node.ssh === null
      ? { User: "root", ProxyCommand: proxyCommand(testbed, node.name, environment) }
      : { User: node.ssh.user, HostName: "127.0.0.1", Port: String(node.ssh.port) }),
    IdentityFile: quote(node.ssh?.keyFile ?? join(runDirectory, runFiles.sshKey)),
    IdentitiesOnly: "yes",
    HostKeyAlias: `${node.name}.${testbed}.kestrel`,
    UserKnownHostsFile: "/dev/null",
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "no",
    LogLevel: "ERROR",
  };
}

function proxyCommand(
  testbed: string,
  node: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const variables = inheritedVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === "" ? [] : [shellWord(`${name}=${value}`)];
  });
  const words = [shellWord(launcherPath), "ssh-proxy", "--testbed", testbed, node];
  // A percent sign would begin one of ssh's own tokens.
  return (variables.length === 0 ? words : ["env", ...variables, ...words]).join(" ").replaceAll("%", "%%");
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Paths of ssh_config(5) may hold blanks in double quotes, and percent tokens. */
function quote(path: string): string {
  const escaped = path.replaceAll("%", "%%");
  return /\s/.test(escaped) ? `"${escaped}"` : escaped;
}
