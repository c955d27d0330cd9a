import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import ssh2 from "ssh2";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { KestrelError } from "../../src/error/kestrel-error.ts";
import { SshGuest, type SshTarget } from "../../src/guest/ssh-guest.ts";
import { freePort } from "../host/free-port.ts";
import { type SshServer, type SshServerOptions, sshServerAvailable, startSshServer, userKey } from "./ssh-server.ts";

const withSshServer = describe.skipIf(!sshServerAvailable);

function targetAt(port: number, more: Partial<SshTarget> = {}): SshTarget {
  const privateKey = userKey.private;
  return { node: "r1", host: "127.0.0.1", port, username: "root", privateKey, deadlineMs: 20_000, ...more };
}

/** A directory for one test. */
async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-ssh-guest-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** A server, and a guest connected to it, for one test. */
async function connected(options: SshServerOptions): Promise<{ guest: SshGuest; server: SshServer } & AsyncDisposable> {
  const server = await startSshServer(options);
  const guest = await SshGuest.connect(targetAt(server.port));
  const dispose = async (): Promise<void> => {
    await guest.close();
    await server[Symbol.asyncDispose]();
  };
  return { guest, server, [Symbol.asyncDispose]: dispose };
}

function explained(promise: Promise<unknown>): Promise<KestrelError["explanation"]> {
  return promise.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (error: unknown) => (error as KestrelError).explanation,
  );
}

withSshServer("commands over SSH (needs sshd and root)", () => {
  let server: SshServer;
  let guest: SshGuest;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kestrel-ssh-guest-"));
    server = await startSshServer();
    guest = await SshGuest.connect(targetAt(server.port));
  });

  afterAll(async () => {
    await guest.close();
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  it("tells output, errors and the exit code apart", async () => {
    expect(await guest.exec("echo out; echo err >&2; exit 7")).toEqual({
      stdout: "out\n",
      stderr: "err\n",
      exitCode: 7,
      signal: null,
      timedOut: false,
    });
  });

  it("knows the exit code of commands that end at once", async () => {
    const codes = Array.from({ length: 100 }, (_, index) => index);
    const results = await Promise.all(codes.map((code) => guest.exec(["sh", "-c", `exit ${code}`])));
    expect(results.map(({ exitCode }) => exitCode)).toEqual(codes);
  });

  it("passes arguments, environment, directory and input on as they are", async () => {
    const words = ["a b", "$HOME", "it's", '"', "\\", "", "*", "-n", "ü\n"];
    const command = ["/bin/sh", "-c", 'pwd; printf "%s\\n" "$V" "$@"; cat', "sh", ...words];
    const { stdout } = await guest.exec(command, { cwd: directory, env: { V: "x'y\nz" }, stdin: "input" });
    expect(stdout).toBe([directory, "x'y\nz", ...words, "input"].join("\n"));
  });

  it("gives a command without input the end of it at once", async () => {
    expect((await guest.exec("cat; readlink /proc/self/fd/0")).stdout).toBe("/dev/null\n");
  });

  it.each([{ env: {} }, { env: { A: "1" } }])("gives 127 for a program that is not there ($env)", async (options) => {
    const { exitCode, stderr } = await guest.exec(["no-such-program"], options);
    expect(exitCode).toBe(127);
    expect(stderr).toContain("no-such-program");
  });

  it("gives 127 for a directory that is not there", async () => {
    const { exitCode, stderr } = await guest.exec("true", { cwd: "/no/such/place" });
    expect(exitCode).toBe(127);
    expect(stderr).toContain("/no/such/place");
  });

  it("kills a command when its time is over, and says so", async () => {
    const { timedOut, signal, exitCode } = await guest.exec(["sleep", "1000"], { timeoutMs: 50 });
    expect({ timedOut, signal, exitCode }).toEqual({ timedOut: true, signal: "SIGKILL", exitCode: null });
  });

  it("kills the whole process group when aborted, and passes the reason on", async () => {
    const controller = new AbortController();
    const running = guest.spawn("sleep 1000 & echo $!; wait", { signal: controller.signal });
    running.stderr.resume();
    const [pid] = (await once(running.stdout, "data")) as [Buffer];
    running.stdout.resume();
    const notBegun = guest.exec(["sleep", "1000"], { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(notBegun).rejects.toThrow("enough");
    expect((await running.result).signal).toBe("SIGKILL");
    // A signal takes effect when its process is next scheduled, and whoever inherits the dead may take its time to bury them.
    const alive = `grep "^State:[^ZX]*$" /proc/${pid.toString().trim()}/status`;
    await expect.poll(async () => (await guest.exec(alive)).stdout).toBe("");
  });

  it("passes signals on", async () => {
    const running = guest.spawn("trap 'echo caught; exit 3' TERM; echo started; read -r _", { stdin: true });
    running.stdout.once("data", () => {
      running.kill("SIGTERM");
    });
    const [output, result] = await Promise.all([text(running.stdout), running.result]);
    expect(output).toBe("started\ncaught\n");
    expect(result).toEqual({ exitCode: 3, signal: null, timedOut: false });
  });

  it("is not held up by a descendant that keeps the output open", async () => {
    const { stdout, exitCode } = await guest.exec("sleep 1000 & echo $!");
    expect(exitCode).toBe(0);
    expect((await guest.exec(["kill", stdout.trim()])).exitCode).toBe(0);
  });

  it("runs more commands at once than a connection has sessions, and kills them when none is free", async () => {
    const all = Array.from({ length: 23 }, () => guest.spawn("echo up; cat; exec sleep 1000", { stdin: true }));
    await Promise.all(all.map(({ stdout }) => once(stdout, "data")));
    for (const running of all) {
      running.stdout.resume();
      running.stderr.resume();
      running.stdin.end();
      running.kill("SIGINT");
    }
    const results = await Promise.all(all.map(({ result }) => result));
    expect(results).toEqual(all.map(() => ({ exitCode: null, signal: "SIGINT", timedOut: false })));
  });

  it("carries tens of megabytes both ways", async () => {
    const { stdout } = await guest.exec("head -c 50000000 /dev/zero | tr '\\0' x");
    expect(stdout.length).toBe(50_000_000);
    const counted = await guest.exec(["wc", "-c"], { stdin: Buffer.alloc(10_000_000) });
    expect(counted.stdout.trim()).toBe("10000000");
  });

  it("lets a reader go away early, and a command that does not read", async () => {
    const left = guest.spawn("head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2");
    left.stdout.destroy();
    left.stderr.destroy();
    expect((await left.result).exitCode).toBe(0);
    expect((await guest.exec("exit 4", { stdin: Buffer.alloc(10_000_000) })).exitCode).toBe(4);
  });

  it("gives a terminal of the size asked for", async () => {
    const running = guest.spawn("stty size; tty -s && echo terminal; cat", { terminal: { rows: 11, columns: 99 } });
    running.stderr.resume();
    expect(await text(running.stdout)).toBe("11 99\r\nterminal\r\n");
  });

  it("types what is written into a terminal, and kills what runs on it", async () => {
    const running = guest.spawn("stty -echo; echo ready; read -r line; echo got $line; exec sleep 1000", {
      stdin: true,
      terminal: { rows: 24, columns: 80 },
    });
    running.stderr.resume();
    let output = "";
    running.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.endsWith("ready\r\n")) running.stdin.write("hello\n");
      if (output.endsWith("got hello\r\n")) running.kill("SIGKILL");
    });
    expect((await running.result).signal).toBe("SIGKILL");
  });

  it("writes and reads files with their modes", async () => {
    const path = join(directory, "new directory", "it's a file");
    const content = Buffer.from([0, 1, 255, 10]);
    await guest.writeFile(path, content, { mode: 0o640 });
    expect(await guest.readFile(path)).toEqual(content);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    await guest.writeFile(path, "other");
    expect(await readFile(path, "utf8")).toBe("other");
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  it("explains files that cannot be read or written", async () => {
    expect(await explained(guest.readFile("/no/such/file"))).toEqual({
      kind: "input",
      step: "read /no/such/file",
      subject: "r1",
      expected: "a file",
      found: "no such file",
    });
    expect(await explained(guest.readFile("/"))).toMatchObject({ kind: "input", found: "cat: /: Is a directory" });
    expect(await explained(guest.writeFile("/proc/none/x", ""))).toMatchObject({ kind: "input", subject: "r1" });
  });

  it("copies trees both ways, with links and modes, under the target's name", async () => {
    const source = join(directory, "tree");
    await mkdir(source);
    await writeFile(join(source, "run.sh"), "#!/bin/sh\n");
    await chmod(join(source, "run.sh"), 0o755);
    await symlink("tree-target", join(source, "link"));
    await guest.copyIn(source, join(directory, "inside"));
    await guest.copyOut(join(directory, "inside"), join(directory, "outside"));
    expect((await stat(join(directory, "outside", "run.sh"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(directory, "outside", "link"))).toBe("tree-target");
  });

  it("connects to a server inside, and waits for one", async () => {
    const port = await freePort();
    expect(await explained(guest.connect(port, "127.0.0.1"))).toMatchObject({
      kind: "input",
      subject: "r1",
      expected: "a TCP server",
      found: "Connection refused",
    });
    const ready = guest.ready({ type: "tcp", port, address: "127.0.0.1", timeoutMs: 30_000 });
    const echo = createServer((socket) => socket.pipe(socket)).listen(port, "127.0.0.1");
    await once(echo, "listening");
    await ready;
    const connection = await guest.connect(port, "127.0.0.1");
    connection.end("hello");
    expect(await text(connection)).toBe("hello");
    echo.close();
  });

  it("says which fact did not come, and what was found", async () => {
    const port = await freePort();
    await expect(guest.ready({ type: "file", path: "/no/file", timeoutMs: 50 })).rejects.toThrow(
      "wait until the node is ready: r1: expected file /no/file within 0.05 s, found no such file",
    );
    await expect(guest.ready({ type: "command", command: "echo why >&2; exit 3", timeoutMs: 50 })).rejects.toThrow(
      "found exit code 3, why",
    );
    await expect(guest.ready({ type: "command", command: "sleep 1000", timeoutMs: 50 })).rejects.toThrow(
      "found a command that does not end",
    );
    await expect(guest.ready({ type: "tcp", port, address: "127.0.0.1", timeoutMs: 50 })).rejects.toThrow(
      "found Connection refused",
    );
    await guest.ready({ type: "file", path: "/etc/passwd", timeoutMs: 30_000 });
  });

  it("opens a raw connection to the server", async () => {
    const connection = await guest.openSsh();
    const [greeting] = (await once(connection, "data")) as [Buffer];
    expect(greeting.toString()).toMatch(/^SSH-2\.0-OpenSSH/);
    connection.destroy();
  });

  it("replaces a connection that was lost", async () => {
    const lost = await explained(guest.exec("kill -9 $PPID"));
    expect(lost).toMatchObject({
      kind: "host",
      subject: "r1",
      found: "the connection was lost before the command ended",
    });
    expect((await guest.exec(["echo", "back"])).stdout).toBe("back\n");
  });
});

withSshServer("servers that differ (needs sshd and root)", () => {
  it("waits for a machine that refuses connections, and then the key", async () => {
    const port = await freePort();
    const connecting = SshGuest.connect(targetAt(port));
    await using server = await startSshServer({ port, admitsKey: false });
    await server.logged("Failed publickey");
    await server.admitKey();
    const guest = await connecting;
    expect((await guest.exec(["echo", "in"])).stdout).toBe("in\n");
    await guest.close();
  });

  it("says that the key was not let in", async () => {
    await using server = await startSshServer();
    const { private: privateKey } = ssh2.utils.generateKeyPairSync("ed25519");
    expect(await explained(SshGuest.connect(targetAt(server.port, { privateKey, deadlineMs: 5_000 })))).toMatchObject({
      kind: "host",
      subject: "r1",
      found: "a server that does not admit the key as root",
    });
  });

  it("opens more connections where a server allows fewer sessions", async () => {
    await using bed = await connected({ lines: ["MaxSessions 2"] });
    const all = Array.from({ length: 5 }, () => bed.guest.spawn("echo up; cat", { stdin: true }));
    await Promise.all(all.map(({ stdout }) => once(stdout, "data")));
    for (const { stdin, stdout } of all) {
      stdout.resume();
      stdin.end();
    }
    expect((await Promise.all(all.map(({ result }) => result))).map(({ exitCode }) => exitCode)).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it.each([
    { name: "denies opening files", sftp: "/usr/lib/openssh/sftp-server -P open" },
    { name: "is absent", sftp: null },
  ])("reaches files as root where SFTP $name", async ({ sftp }) => {
    const directory = await scratch();
    await using bed = await connected({ sftp });
    const path = join(directory, "deep", "file");
    await bed.guest.writeFile(path, "content", { mode: 0o600 });
    expect((await bed.guest.readFile(path)).toString()).toBe("content");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(bed.guest.readFile(join(directory, "none"))).rejects.toThrow("No such file");
  });

  it("asks systemd for services, logs and the end", async () => {
    const directory = await scratch();
    const unit = (name: string, rest: string): string => `Id=${name}.service\nLoadState=loaded\n${rest}\n`;
    const units = [
      unit("ssh", "ActiveState=active\nSubState=running\nMainPID=71\nNRestarts=2\nExecMainCode=0\nExecMainStatus=0"),
      unit("bad", "ActiveState=failed\nSubState=failed\nMainPID=0\nNRestarts=0\nExecMainCode=1\nExecMainStatus=3"),
    ];
    await writeFile(join(directory, "units"), units.join("\n"));
    await writeFile(join(directory, "one"), units[0] ?? "");
    const calls = join(directory, "calls");
    await writeFile(
      join(directory, "systemctl"),
      `#!/bin/sh
      case "$*" in
        *missing*) echo "Unit missing.service not loaded." >&2; exit 5;;
        "show *.service"*) cat ${directory}/units;;
        show*) cat ${directory}/one;;
        *) echo "$*" >>${calls};;
      esac`,
      { mode: 0o755 },
    );
    await writeFile(
      join(directory, "journalctl"),
      `#!/bin/sh\necho "$*"; case "$*" in *--follow) exec sleep 1000;; esac`,
      {
        mode: 0o755,
      },
    );
    await using bed = await connected({ env: { PATH: `${directory}:/usr/sbin:/usr/bin:/sbin:/bin` } });
    const { guest } = bed;
    const ssh = { name: "ssh", state: "running", pid: 71, restarts: 2, exit: null };
    const exit = { exitCode: 3, signal: null, timedOut: false };
    expect(await guest.services.list()).toEqual([ssh, { name: "bad", state: "failed", pid: null, restarts: 0, exit }]);
    expect(await guest.services.restart("ssh")).toEqual(ssh);
    expect(await explained(guest.services.stop("missing"))).toEqual({
      kind: "input",
      step: "stop service missing",
      subject: "r1",
      found: "Unit missing.service not loaded.",
    });
    expect(await explained(guest.services.start({ name: "x", command: ["x"], restart: "never" }))).toMatchObject({
      kind: "input",
      subject: "r1",
      found: "services of foreign images are the image's own",
    });
    expect(await text(guest.logs())).toBe("--no-pager --boot --lines=all\n");
    const following = guest.logs({ service: "ssh", follow: true });
    const [line] = (await once(following, "data")) as [Buffer];
    expect(line.toString()).toBe("--no-pager --boot --lines=all --unit=ssh --follow\n");
    following.destroy();
    await guest.shutdown("poweroff");
    expect(await readFile(calls, "utf8")).toBe("restart -- ssh\npoweroff\n");
  });

  it("ends commands and refuses new ones once it is closed", async () => {
    await using bed = await connected({});
    const running = bed.guest.spawn("echo up; cat", { stdin: true });
    running.stderr.resume();
    await once(running.stdout, "data");
    running.stdout.resume();
    await bed.guest.close();
    expect(await explained(running.result)).toMatchObject({ kind: "host", subject: "r1" });
    expect(await explained(bed.guest.exec("true"))).toMatchObject({ subject: "r1", found: "it was closed" });
  });
});

describe("SshGuest.connect", () => {
  it("says that nobody listens", async () => {
    const port = await freePort();
    expect(await explained(SshGuest.connect(targetAt(port, { deadlineMs: 50 })))).toMatchObject({
      kind: "host",
      step: "connect over SSH",
      subject: "r1",
      expected: `an SSH server on 127.0.0.1 port ${port} that lets in the testbed's key as root within 0.05 s`,
      found: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it("says that nobody answers, and stops when aborted", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    expect(await explained(SshGuest.connect(targetAt(port, { deadlineMs: 50 })))).toMatchObject({
      found: "the port is open, but no SSH server answers",
    });
    const controller = new AbortController();
    const connecting = SshGuest.connect(targetAt(port, { signal: controller.signal }));
    await once(silent, "connection");
    controller.abort();
    expect(await explained(connecting)).toMatchObject({ kind: "flow", subject: "r1", found: "it was cancelled" });
    silent.close();
    for (const socket of sockets) socket.destroy();
  });

  it("names a key that is none", async () => {
    expect(await explained(SshGuest.connect(targetAt(1, { privateKey: "none" })))).toMatchObject({
      kind: "internal",
      subject: "r1",
    });
  });
});
