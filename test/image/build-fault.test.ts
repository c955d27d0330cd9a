import { expect, test } from "vitest";
import { explainBuildFailure } from "../../src/image/build-fault.ts";
import { parsePackages } from "../../src/image/manifest.ts";
import { parseMmdebstrapLine } from "../../src/image/progress.ts";

function explain(...output: string[]): ReturnType<typeof explainBuildFailure> {
  return explainBuildFailure({ step: "build", subject: "base", directory: "/cache", tool: "mmdebstrap", output });
}

test.each([
  ["E: Unable to locate package nonsuch", 2, "packages that the suite has", "apt-cache search"],
  [
    "E: The repository 'http://a/debian nosuite Release' does not have a Release file.",
    2,
    "a mirror that has the suite",
    "suite",
  ],
  ["  Temporary failure resolving 'mirror.test'", 3, "a Debian mirror that can be reached", "KESTREL_MIRROR"],
  [
    "  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)",
    3,
    "a Debian mirror that can be reached",
    "network",
  ],
  [
    "W: GPG error: http://a bookworm InRelease: NO_PUBKEY 0E98404D386FA1D9",
    3,
    "package lists signed with Debian's keys",
    "debian-archive-keyring",
  ],
  ["E: newuidmap 7 failed: ", 3, "user namespaces for this user", "uidmap"],
  ["dpkg: error: cannot write: No space left on device", 3, "free disk space", "KESTREL_CACHE_DIR"],
])("%s", (line, exitCode, expected, hint) => {
  const fault = explain("I: running apt-get update...", line, "E: apt-get failed");
  expect(fault).toMatchObject({ exitCode, explanation: { expected } });
  expect(fault.explanation.hint).toContain(hint);
});

test("a failure that nobody foresaw shows the last words", () => {
  const fault = explain(...Array.from({ length: 50 }, (_, index) => `line ${index}`), "E: mystery");
  expect(fault.message).toBe("build: base: E: mystery");
  expect(fault.explanation.lastWords).toHaveLength(12);
  expect(explain().message).toBe("build: base: mmdebstrap failed and said nothing");
});

test("progress only goes forward over the lines that mmdebstrap prints", () => {
  const lines = [
    "I: chroot architecture amd64 is equal to the host's architecture",
    "I: running apt-get update...",
    "I: downloading packages with apt...",
    "I: extracting archives...",
    "I: installing essential packages...",
    "I: installing remaining packages inside the chroot...",
    "I: cleaning package lists and apt cache...",
    "I: creating tarball...",
    "I: done",
    "I: success in 53.2175 seconds",
  ];
  const fractions = lines.flatMap((line) => parseMmdebstrapLine(line)?.fraction ?? []);
  expect(fractions).toHaveLength(8);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test("only what is installed is in the list of packages", () => {
  const status = [
    "Package: a\nStatus: install ok installed\nVersion: 1.0-1\nDescription: x\n Version: 9",
    "Package: b\nStatus: deinstall ok config-files\nVersion: 2",
    "Package: c\nEssential: yes\nStatus: hold ok installed\nVersion: 2:3~rc1",
  ].join("\n\n");
  expect(parsePackages(`${status}\n`)).toEqual({ a: "1.0-1", c: "2:3~rc1" });
});
