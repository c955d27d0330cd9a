import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import ssh2 from "ssh2";
import { freePort } from "../host/free-port.ts";

/** The OpenSSH server, which re-executes itself and so wants an absolute path. */
const program = "/usr/sbin/sshd";

/** Whether a real server can be started here: it needs the package, and root. */
export const sshServerAvailable = existsSync(program) && process.getuid?.() === 0;

/** Opens every server of {@link startSshServer}. */
export const userKey = ssh2.utils.generateKeyPairSync("ed25519");
const hostKey = ssh2.utils.generateKeyPairSync("ed25519");

/** What differs from a server that simply lets the key in. */
export interface SshServerOptions {
  readonly port?: number;
  readonly admitsKey?: boolean;
  /** The command behind SFTP, if any. */
  readonly sftp?: string | null;
  /** Environment of all sessions. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further lines of sshd_config(5). */
  readonly lines?: readonly string[];
}

/** A real SSH server on loopback. */
export interface SshServer extends AsyncDisposable {
  readonly port: number;
  admitKey(): Promise<void>;
  /** Wait until the server has logged a line that contains `words`. */
  logged(words: string): Promise<void>;
}

/** Start a server; it listens when this resolves. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const { port = await freePort(), admitsKey = true, sftp = "internal-sftp", env = {}, lines = [] } = options;
  const directory = await mkdtemp(join(tmpdir(), "kestrel-sshd-"));
  const keys = join(directory, "authorized_keys");
  const admitKey = (): Promise<void> => writeFile(keys, `${userKey.public}\n`, { mode: 0o600 });
  if (admitsKey) await admitKey();
  await writeFile(join(directory, "host_key"), hostKey.private, { mode: 0o600 });
  const config = [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${directory}/host_key`,
    `AuthorizedKeysFile ${keys}`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PermitRootLogin prohibit-password",
    "LogLevel VERBOSE",
    ...(sftp === null ? [] : [`Subsystem sftp ${sftp}`]),
    // The login shell would run what the user of this host has in the home directory.
    `SetEnv ${Object.entries({ HOME: directory, ...env })
      .map(([name, value]) => `${name}=${value}`)
      .join(" ")}`,
    ...lines,
  ];
  await writeFile(join(directory, "sshd_config"), `${config.join("\n")}\n`);
  // Debian's server insists on this directory, which its service unit makes at boot.
  await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn(program, ["-D", "-e", "-f", join(directory, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log: string[] = [];
  const reader = createInterface(child.stderr);
  reader.on("line", (line) => log.push(line));
  const logged = async (words: string): Promise<void> => {
    const ended = new AbortController();
    reader.once("close", () => {
      ended.abort(new Error(`sshd ended: ${log.join("; ")}`));
    });
    while (!log.some((line) => line.includes(words))) await once(reader, "line", { signal: ended.signal });
  };
  await logged("Server listening on");
  return {
    port,
    admitKey,
    logged,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      await rm(directory, { recursive: true });
    },
  };
}
