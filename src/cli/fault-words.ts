import { nameHint } from "../error/nearest-name.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import {
  clockStep,
  cut,
  type Daemon,
  daemonFrozen,
  daemonKilled,
  daemonStopped,
  down,
  type FaultSchedule,
  flapping,
  impaired,
  killed,
  paused,
  powerCycled,
} from "../flow/fault/index.ts";
import type { DirectionName } from "../wire/protocol.ts";
import { keyValues, secondsAsMilliseconds, wholeNumber, wrongValue } from "./option-values.ts";
import { parseWireSettings } from "./wire-settings.ts";

/** What the command line says about a fault. */
export interface FaultWords {
  /** Name of a wire for kinds of wires, else of a node. */
  readonly target: string;
  readonly kind: string;
  /** `KEY=VALUE`, by kind. */
  readonly settings: readonly string[];
  readonly direction?: DirectionName | undefined;
}

const wireKinds = ["down", "cut", "impaired", "flapping"] as const;
const nodeKinds = [
  "paused",
  "killed",
  "power-cycled",
  "daemon-killed",
  "daemon-stopped",
  "daemon-frozen",
  "clock-step",
] as const;

type Kind = (typeof wireKinds)[number] | (typeof nodeKinds)[number];

const daemonFaults = { "daemon-killed": daemonKilled, "daemon-stopped": daemonStopped, "daemon-frozen": daemonFrozen };

/** Whether a kind of fault is of wires. */
export function isWireKind(kind: string): boolean {
  return wireKinds.some((each) => each === kind);
}

/**
 * The fault that is meant.
 *
 * @throws KestrelError (input) for a kind that there is not, or settings that do not go with it
 */
export function parseFault({ target, kind, settings, direction }: FaultWords): FaultSchedule {
  checkKind(kind);
  const oneWay = direction === undefined ? {} : { direction };
  if (direction !== undefined && kind !== "cut" && kind !== "impaired")
    throw wrongValue("fault", "a direction only of cut or impaired", kind);
  switch (kind) {
    case "impaired":
      return impaired(target, impairment(settings), oneWay);
    case "flapping": {
      const { period = "1", count = "3" } = known(kind, settings, ["period", "count"]);
      return flapping(target, {
        periodMs: secondsAsMilliseconds(period, "period"),
        count: wholeNumber(count, "count", 1),
      });
    }
    case "daemon-killed":
    case "daemon-stopped":
    case "daemon-frozen":
      return daemonFaults[kind](target, daemon(kind, settings));
    case "clock-step": {
      const { seconds = "" } = known(kind, settings, ["seconds"]);
      const size = secondsAsMilliseconds(seconds.replace(/^-/, ""), "seconds");
      return clockStep(target, { ms: seconds.startsWith("-") ? -size : size });
    }
    case "down":
    case "cut":
    case "paused":
    case "killed":
    case "power-cycled":
      known(kind, settings, []);
      return { down, cut: (wire: string) => cut(wire, oneWay), paused, killed, "power-cycled": powerCycled }[kind](
        target,
      );
  }
}

function checkKind(kind: string): asserts kind is Kind {
  const kinds: readonly string[] = [...wireKinds, ...nodeKinds];
  if (kinds.includes(kind)) return;
  throw new KestrelError({
    kind: "input",
    step: "read the command line",
    subject: "kind of fault",
    expected: `one of ${kinds.join(", ")}`,
    found: JSON.stringify(kind),
    hint: nameHint(kind, kinds),
  });
}

function impairment(words: readonly string[]) {
  const { cut: silence, ...settings } = parseWireSettings(words);
  if (silence === undefined && Object.keys(settings).length > 0) return settings;
  throw wrongValue("fault", "impairments such as loss=10% delay=20ms", words.join(" "), "silence is the kind cut");
}

function daemon(kind: string, words: readonly string[]): Daemon {
  const named = known(kind, words, ["service", "process", "pid-file"]);
  const [[key, value] = ["", ""], more] = Object.entries(named);
  if (value === "" || more !== undefined)
    throw wrongValue("fault", "one of service=NAME, process=NAME, pid-file=PATH", words.join(" "));
  if (key === "service") return { service: value };
  return key === "process" ? { process: value } : { pidFile: value };
}

function known(kind: string, words: readonly string[], keys: readonly string[]): Readonly<Record<string, string>> {
  const pairs = keyValues(words, "fault setting");
  const unknown = Object.keys(pairs).find((key) => !keys.includes(key));
  if (unknown === undefined) return pairs;
  const expected = keys.length === 0 ? `no settings with ${kind}` : `${keys.join(" or ")} with ${kind}`;
  throw wrongValue("fault setting", expected, unknown, nameHint(unknown, keys));
}
