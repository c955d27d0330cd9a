import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandName } from "../../src/cli/command-name.ts";
import { keyValues, portNumber, secondsAsMilliseconds, wholeNumber } from "../../src/cli/option-values.ts";
import { sshSettings } from "../../src/cli/ssh-settings.ts";
import { parseSide } from "../../src/cli/verbs/copy.ts";
import { exitCodeOf } from "../../src/cli/verbs/exec.ts";
import { splitDestination } from "../../src/cli/verbs/ssh.ts";
import { parseHexFrame } from "../../src/cli/verbs/wire-inject.ts";
import { parseWireSettings, settingKeys } from "../../src/cli/wire-settings.ts";
import { cleanDirection } from "../../src/topology/direction-settings.ts";
import { KestrelError } from "../../src/error/kestrel-error.ts";

describe("option values", () => {
  test("whole numbers of the range, and nothing else", () => {
    fc.assert(
      fc.property(fc.nat(), (value) => {
        expect(wholeNumber(String(value), "n", 0)).toBe(value);
      }),
    );
    for (const wrong of ["", "-1", "1.5", "1e3", "0x10", " 1", "65536"]) {
      expect(() => portNumber(wrong, "port")).toThrow(KestrelError);
    }
  });

  test("seconds become milliseconds", () => {
    expect(secondsAsMilliseconds("0.25", "--timeout")).toBe(250);
    expect(secondsAsMilliseconds("0", "--duration")).toBe(0);
    expect(() => secondsAsMilliseconds("1m", "--timeout")).toThrow("a number of seconds");
  });

  test("KEY=VALUE splits at the first sign, so that values may hold others", () => {
    expect(keyValues(["A=b=c", "B="], "--env")).toEqual({ A: "b=c", B: "" });
    expect(() => keyValues(["=x"], "--env")).toThrow("KEY=VALUE");
    expect(() => keyValues(["A"], "--env")).toThrow("KEY=VALUE");
  });
});

describe("wire settings", () => {
  test("have the units of topology files and change only what they name", () => {
    expect(parseWireSettings(["delay=10ms", "loss=1%", "rate=10mbit", "mtu=1400", "queue=64KiB", "cut=true"])).toEqual({
      delayMicroseconds: 10_000,
      loss: 0.01,
      rateBitsPerSecond: 10e6,
      mtuBytes: 1400,
      queueBytes: 65_536,
      cut: true,
    });
  });

  test("none takes one away, clean takes all away", () => {
    expect(parseWireSettings(["rate=none", "mtu=none"])).toEqual({ rateBitsPerSecond: null, mtuBytes: null });
    expect(parseWireSettings(["clean", "loss=0.5"])).toEqual({ ...cleanDirection, loss: 0.5 });
    expect(parseWireSettings(settingKeys.map((key) => `${key}=none`))).toEqual(cleanDirection);
  });

  test("tell all faults at once, with the nearest key", () => {
    expect(() => parseWireSettings(["dealy=1ms", "loss=200%"])).toThrow(/did you mean "delay"[^]*|loss/);
    try {
      parseWireSettings(["dealy=1ms", "loss=200%"]);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toContain("2 faults");
      expect((error as Error).message).toContain('did you mean "delay"?');
      expect((error as Error).message).toContain("200%");
    }
  });

  test.each([["delay=${x}"], ["delay"], ["cut=maybe"], ["rate=fast"]])("refuses %s", (word) => {
    expect(() => parseWireSettings([word])).toThrow(KestrelError);
  });
});

describe("cp", () => {
  test.each([
    ["h1:/etc/hosts", { node: "h1", path: "/etc/hosts" }],
    ["h1:relative", { node: "h1", path: "relative" }],
    ["./a:b", { node: undefined, path: "./a:b" }],
    ["/a:b", { node: undefined, path: "/a:b" }],
    ["plain", { node: undefined, path: "plain" }],
    ["h1:a:b", { node: "h1", path: "a:b" }],
  ])("%s", (text, side) => {
    expect(parseSide(text)).toEqual(side);
  });

  test("wants a path after the colon", () => {
    expect(() => parseSide("h1:")).toThrow("a path after the colon");
  });
});

test("exec ends as a shell would", () => {
  const end = { exitCode: null, signal: null, timedOut: false };
  expect(exitCodeOf({ ...end, exitCode: 7 })).toBe(7);
  expect(exitCodeOf({ ...end, signal: "SIGTERM" })).toBe(143);
  expect(exitCodeOf({ ...end, signal: "SIGKILL", timedOut: true })).toBe(124);
  expect(exitCodeOf(end)).toBe(125);
});

describe("wire inject", () => {
  test("takes what people paste", () => {
    const bytes = Buffer.from("ffffffffffff0200000000010806aabb", "hex");
    expect(parseHexFrame("ff:ff:ff:ff:ff:ff 02-00-00-00-00-01 0806 aabb")).toEqual(bytes);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 14, maxLength: 100 }), (frame) => {
        expect(parseHexFrame(Buffer.from(frame).toString("hex"))).toEqual(Buffer.from(frame));
      }),
    );
  });

  test.each([["fff"], ["zz"], [""], ["ffffffffffff"]])("refuses %j", (text) => {
    expect(() => parseHexFrame(text)).toThrow(KestrelError);
  });
});

describe("ssh", () => {
  test("puts the host between options and command", () => {
    expect(splitDestination(["-v", "-L", "1:h:2", "uname", "-r"], "h1")).toEqual([
      "-v",
      "-L",
      "1:h:2",
      "h1",
      "uname",
      "-r",
    ]);
    expect(splitDestination([], "h1")).toEqual(["h1"]);
  });

  test("settings are understood by ssh itself, whatever the path", () => {
    const environment = { KESTREL_STATE_DIR: "/tmp/it's 100% odd" };
    const settings = sshSettings(
      "bed",
      { runDirectory: "/tmp/it's 100% odd/run/bed" },
      { name: "h1", ssh: null },
      environment,
    );
    const words = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
    const { status, stdout, stderr } = spawnSync("ssh", ["-F", "none", "-G", ...words, "h1"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("identityfile /tmp/it's 100%% odd/run/bed/ssh-key");
    expect(stdout).toContain("user root");
    // ssh hands it to the shell after %% has become %: the shell must see the variable whole.
    const proxy = (/^proxycommand (.*)$/m.exec(stdout)?.[1] ?? "")
      .replaceAll("%%", "%")
      .replace(/'?[^ ]*bin\/kestrel'?/, "printenv KESTREL_STATE_DIR #");
    expect(spawnSync("sh", ["-c", proxy], { encoding: "utf8" }).stdout).toBe("/tmp/it's 100% odd\n");
  });

  test("a foreign node is reached on its port of this host", () => {
    const ssh = { port: 40_022, keyFile: "/k", user: "debian" };
    expect(sshSettings("bed", { runDirectory: "/r" }, { name: "vm", ssh }, {})).toMatchObject({
      HostName: "127.0.0.1",
      Port: "40022",
      User: "debian",
      IdentityFile: "/k",
    });
  });
});

test("commands are printed as this one was called", () => {
  const named = (environment: Record<string, string>): string => commandName({ environment }, "/home/u/project");
  expect(named({})).toBe("kestrel");
  expect(named({ KESTREL_INVOKED_AS: "/home/u/project/bin/kestrel", PATH: "/usr/bin" })).toBe("bin/kestrel");
  expect(named({ KESTREL_INVOKED_AS: "/usr/bin/kestrel", PATH: "/usr/bin" })).toBe("kestrel");
  expect(named({ KESTREL_INVOKED_AS: "/opt/k/bin/kestrel", PATH: "/usr/bin" })).toBe("/opt/k/bin/kestrel");
  expect(named({ npm_command: "exec", KESTREL_INVOKED_AS: "/x/node_modules/.bin/kestrel" })).toBe("npx kestrel");
});
