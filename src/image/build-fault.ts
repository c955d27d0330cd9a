import { diskFullError, isDiskFull } from "../host/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";

/** Lines of a tool's output that an error shows. */
const lastWordCount = 12;

interface Reading {
  readonly pattern: RegExp;
  readonly kind: "host" | "input";
  readonly expected: string;
  /** What to do; `$1` stands for the first group of the pattern. */
  readonly hint: string;
}

/** What the complaints of mmdebstrap, apt and mksquashfs mean to a user; the first that fits counts. */
const readings: readonly Reading[] = [
  {
    pattern: /Unable to locate package (\S+)|Package '?([\w.+-]+)'? has no installation candidate/,
    kind: "input",
    expected: "packages that the suite has",
    hint: "look for the right name with `apt-cache search`, or take it out of the image file",
  },
  {
    pattern: /does not have a Release file|404 +Not Found/,
    kind: "input",
    expected: "a mirror that has the suite",
    hint: "look at `suite` and `mirror` in the image file, and at KESTREL_MIRROR",
  },
  {
    pattern:
      /Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|Connection (?:refused|timed out|failed)|Network is unreachable|Failed to fetch/i,
    kind: "host",
    expected: "a Debian mirror that can be reached",
    hint: "check the network and the proxy, or name a mirror near you with KESTREL_MIRROR; a later try goes on with what is done",
  },
  {
    pattern: /NO_PUBKEY|not signed|invalid signature|EXPKEYSIG/,
    kind: "host",
    expected: "package lists signed with Debian's keys",
    hint: "sudo apt-get install debian-archive-keyring, and check the clock of this host",
  },
  {
    pattern: /newuidmap|newgidmap|subuid|subgid|unshare\(|user namespace/i,
    kind: "host",
    expected: "user namespaces for this user",
    hint: "sudo apt-get install uidmap, and give this user ranges in /etc/subuid and /etc/subgid; or build as root",
  },
];

/** Explain why a tool that builds images has failed. */
export function explainBuildFailure(failure: {
  readonly step: string;
  readonly subject: string;
  /** Directory that it wrote to. */
  readonly directory: string;
  readonly tool: string;
  /** What it printed, oldest first. */
  readonly output: readonly string[];
  readonly cause?: unknown;
}): KestrelError {
  const { step, subject, directory, tool, cause } = failure;
  const output = failure.output.map((line) => line.trimEnd()).filter((line) => line !== "");
  if (isDiskFull(cause) || output.some((line) => /No space left on device|Disk quota exceeded/i.test(line))) {
    return diskFullError(step, directory, {}, { cause });
  }
  const reading = readings.find(({ pattern }) => output.some((line) => pattern.test(line)));
  const complaint = output.find((line) => reading?.pattern.test(line)) ?? output.at(-1);
  return new KestrelError(
    {
      kind: reading?.kind ?? "host",
      step,
      subject,
      expected: reading?.expected,
      found: complaint ?? `${tool} failed and said nothing`,
      hint: reading?.hint,
      lastWords: output.slice(-lastWordCount),
    },
    { cause },
  );
}
