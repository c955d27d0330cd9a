import { spawn } from "node:child_process";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { locateTool } from "../../host/index.ts";
import { signalExitCode } from "../interruption.ts";
import type { Session, TestbedOption } from "../session.ts";
import { sshSettings } from "../ssh-settings.ts";

/** Open an SSH session in a node, with the exit code of ssh. */
export async function ssh(
  session: Session,
  name: string,
  extra: readonly string[],
  options: TestbedOption,
): Promise<void> {
  const { path } = await locateTool("ssh");
  using testbed = await session.testbed(options);
  const settings = sshSettings(testbed.name, await testbed.status(), await testbed.node(name).status());
  testbed.close();
  const words = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const child = spawn(path, [...words, ...splitDestination(extra, name)], { stdio: "inherit" });
  // The terminal sends its signals to ssh too, and what ssh makes of them decides.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    session.exitCode = code ?? signalExitCode(signal ?? "SIGKILL");
  } finally {
    process.off("SIGINT", ignore);
  }
}

/** ssh takes options before the host and a command after it: the first word that is no option starts the command. */
export function splitDestination(extra: readonly string[], host: string): readonly string[] {
  const flagsWithValue = /^-[BbcDEeFIiJLlmOoPpQRSWw]$/;
  let index = 0;
  while (index < extra.length && extra[index]?.startsWith("-") === true) {
    index += flagsWithValue.test(extra[index] ?? "") ? 2 : 1;
  }
  return [...extra.slice(0, index), host, ...extra.slice(index)];
}

/** The ProxyCommand of `kestrel ssh`: standard input and output are the connection to the node's SSH server. */
export async function sshProxy(session: Session, name: string, options: TestbedOption): Promise<void> {
  using testbed = await session.testbed(options);
  const connection = await (await testbed.node(name).guest()).openSsh();
  const { stdin, stdout } = session.terminal;
  await Promise.race([pipeline(stdin, connection), pipeline(connection, stdout, { end: false })]);
}
