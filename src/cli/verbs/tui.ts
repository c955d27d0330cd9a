import { join } from "node:path";
import { nameHint } from "../../error/nearest-name.ts";
import { KestrelError } from "../../error/kestrel-error.ts";
import { hostChecks } from "../doctor/doctor.ts";
import { Interruption } from "../interruption.ts";
import type { TuiOptions } from "../../tui/run/start.tsx";
import type { Session, TestbedOption } from "../session.ts";
import { canDraw, type Terminal } from "../terminal.ts";
import { kestrelVersion, packageRoot } from "../version.ts";
import { parseWireSettings } from "../wire-settings.ts";

/** Open the terminal user interface, attached to a testbed where one is named. */
export async function tui(session: Session, testbed: string | undefined): Promise<void> {
  await openOn(session, { testbed });
}

/** Options of `kestrel demo`. */
export type DemoOptions = TestbedOption;

/** Open the user interface with a tour: on a testbed that is named, or on one that is launched for it. */
export async function demo(session: Session, name: string, options: DemoOptions): Promise<void> {
  const { tours } = await import("../../tui/demo/tours.ts");
  const tour = Object.hasOwn(tours, name) ? tours[name] : undefined;
  if (tour === undefined) {
    throw new KestrelError({
      kind: "input",
      step: "find the tour",
      subject: name,
      expected: `one of ${Object.keys(tours).join(", ")}`,
      found: "no such tour",
      hint: nameHint(name, Object.keys(tours)),
    });
  }
  await openOn(session, { testbed: options.testbed, tour });
}

async function openOn(session: Session, what: Pick<TuiOptions, "testbed" | "tour">): Promise<void> {
  const { terminal } = session;
  if (!canDraw(terminal)) throw noTerminal(terminal);
  const { runTui } = await import("../../tui/index.ts");
  const { signal } = await runTui({
    ...what,
    streams: terminal,
    services: {
      version: kestrelVersion(),
      parseWireSettings,
      hostChecks: () =>
        hostChecks({ fresh: false, signal: new AbortController().signal, onProgress: () => undefined }).catch(() => []),
      ownTopologies: join(packageRoot, "topologies"),
    },
  });
  if (signal !== undefined) throw new Interruption(signal);
}

function noTerminal({ environment, stdin, stdout }: Terminal): KestrelError {
  const found =
    stdin.isTTY === true && stdout.isTTY === true
      ? `TERM=${environment["TERM"] ?? ""}, which cannot move its cursor`
      : "standard input or output that is no terminal";
  return new KestrelError({
    kind: "input",
    step: "open the user interface",
    expected: "a terminal",
    found,
    hint: "the same in plain text: kestrel status, kestrel events -f, kestrel wire ls --watch",
  });
}
