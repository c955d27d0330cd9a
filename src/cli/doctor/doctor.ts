import { type Check, installCommand, missingPackages, type Verdict, worst } from "./check.ts";
import { type AcceleratorRequest, checkAccelerator } from "./accelerator-check.ts";
import { checkImage } from "./image-check.ts";
import { checkCpus, checkDirectories, checkMemory, checkOpenFiles, checkRootless } from "./resource-checks.ts";
import { checkTools } from "./tool-checks.ts";
import { InterruptionWatch } from "../interruption.ts";
import type { JsonOption, Session } from "../session.ts";
import type { Colors, Terminal } from "../terminal.ts";

/** Options of `kestrel doctor`. */
export interface DoctorOptions extends JsonOption {
  readonly fresh?: boolean;
}

/** Exit code when this host cannot run testbeds. */
const hostCannot = 3;

/** Check what this host can do. */
export async function doctor(session: Session, { json, fresh }: DoctorOptions): Promise<void> {
  const { terminal } = session;
  using interruption = new InterruptionWatch();
  const checks = await hostChecks({
    fresh: fresh === true,
    signal: interruption.signal,
    onProgress: (message) => {
      if (json !== true) terminal.note(terminal.errorColors.dim(`${message} …`));
    },
  });
  const verdict = worst(checks);
  if (json === true) terminal.printJson({ verdict, checks, packages: missingPackages(checks) });
  else printChecks(terminal, checks, verdict);
  session.exitCode = verdict === "problem" ? hostCannot : 0;
}

/** Everything that is checked, in the order in which it is shown. */
export async function hostChecks(
  request: Pick<AcceleratorRequest, "fresh" | "signal" | "onProgress">,
): Promise<readonly Check[]> {
  const image = await checkImage();
  const imageIsThere = image.verdict === "ok";
  const tools = await checkTools(imageIsThere);
  const host = [
    checkMemory(),
    checkCpus(),
    ...(await checkDirectories()),
    await checkOpenFiles(),
    ...(await checkRootless(imageIsThere)),
  ];
  const possible = imageIsThere && worst(tools) !== "problem";
  return [...tools, await checkAccelerator({ ...request, possible }), ...host, image];
}

function printChecks(terminal: Terminal, checks: readonly Check[], verdict: Verdict): void {
  const { colors } = terminal;
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const check of checks) {
    terminal.print(
      `${mark(check.verdict, colors)} ${check.name.padEnd(width)}  ${check.found.replaceAll("\n", "\n    ")}`,
    );
    if (check.fix !== undefined) terminal.print(`  ${" ".repeat(width)}  ${colors.cyan("what to do:")} ${check.fix}`);
  }
  const command = installCommand(checks);
  if (command !== undefined) terminal.print(`\n${colors.bold("all missing packages at once:")} ${command}`);
  terminal.print(`\n${conclusions[verdict]}`);
}

const conclusions: Readonly<Record<Verdict, string>> = {
  ok: "This host can do everything.",
  warning: "This host can run testbeds, with the limits above.",
  problem: "This host cannot run testbeds until the problems above are solved.",
};

function mark(verdict: Verdict, colors: Colors): string {
  switch (verdict) {
    case "ok":
      return colors.green("✔");
    case "warning":
      return colors.yellow("!");
    case "problem":
      return colors.red("✖");
  }
}
