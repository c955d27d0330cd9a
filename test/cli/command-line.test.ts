import { describe, expect, test, vi } from "vitest";
import { buildProgram } from "../../src/cli/program.ts";
import { Session } from "../../src/cli/session.ts";
import { memoryTerminal, run } from "./memory-terminal.ts";
import { startingTestbed, useStateDirectory } from "./state-directory.ts";

useStateDirectory();

/** Every verb that help shows, as words: `["wire", "set"]`. */
function visibleVerbs(): readonly string[][] {
  const walk = (command: ReturnType<typeof buildProgram>, path: readonly string[]): string[][] =>
    command
      .createHelp()
      .visibleCommands(command)
      .flatMap((below) => [[...path, below.name()], ...walk(below, [...path, below.name()])]);
  return walk(buildProgram(new Session(memoryTerminal().terminal)), []);
}

describe("help", () => {
  test("has every verb of the design", () => {
    const verbs = visibleVerbs().map((words) => words.join(" "));
    expect(verbs).toEqual(
      expect.arrayContaining(
        "up down ls status events gc plan schema graph doctor exec cp ssh ssh-config forward logs console push pause resume reboot power-cycle kill start bench completion version"
          .split(" ")
          .concat(["image build", "image ls", "image gc"])
          .concat("ls show set down up cut mend capture inject plug unplug".split(" ").map((verb) => `wire ${verb}`)),
      ),
    );
    expect(verbs).not.toContain("complete");
    expect(verbs).not.toContain("ssh-proxy");
  });

  test.each(visibleVerbs().map((words) => [words.join(" "), words] as const))(
    "of %s has an example that parses",
    async (_, words) => {
      const { code, stdout, stderr } = await run(...words, "--help");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^Examples:\n {2}\S/m);
    },
  );

  test("is what a bare call prints, with exit code 2", async () => {
    const { code, stdout } = await run();
    expect(code).toBe(2);
    expect(stdout).toContain("Usage: kestrel");
  });
});

describe("usage errors", () => {
  test("suggest the nearest verb and end with 2", async () => {
    const { code, stderr, stdout } = await run("upp");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe("kestrel: read the command line: unknown command 'upp'\n  what to do: did you mean up?\n");
  });

  test("suggest the nearest verb below wire", async () => {
    expect((await run("wire", "shw")).stderr).toContain("did you mean show?");
  });

  test.each([
    ["an unknown option", ["ls", "--jsn"], "unknown option '--jsn'"],
    ["a missing argument", ["up"], "missing required argument 'topology'"],
    ["a choice that is none", ["up", "x.yaml", "--accelerator", "hvf"], "Allowed choices are auto, kvm, tcg"],
    ["options that contradict each other", ["down", "--all", "--testbed", "a"], "cannot be used with"],
    ["too many words", ["ls", "a"], "too many arguments"],
  ])("%s", async (_, words, message) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test("are JSON on standard output when JSON was asked for", async () => {
    const { code, stdout, stderr } = await run("ls", "--jsn", "--json");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { explanation: { kind: "input", step: "read the command line" } },
    });
  });

  test("of exec end with 125: its other codes are the guest's", async () => {
    expect((await run("exec", "h1")).code).toBe(125);
    expect((await run("exec", "h1", "--nonsense", "--", "true")).code).toBe(125);
    expect((await run("exec", "h1", "--timeout", "soon", "--", "true")).code).toBe(125);
  });

  test("an option after -- is the command's, also --json", async () => {
    const { code, stderr, stdout } = await run("exec", "h1", "--", "ls", "--json", "-l");
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toContain("none runs");
  });
});

describe("without a testbed", () => {
  test.each([
    ["status"],
    ["events"],
    ["down"],
    ["pause", "h1"],
    ["cp", "a", "h1:/a"],
    ["logs", "h1"],
    ["console", "h1"],
    ["push"],
    ["forward", "h1", "80"],
    ["ssh-config"],
    ["wire", "ls"],
    ["wire", "set", "w", "delay=1ms"],
    ["wire", "capture", "-w", "x"],
  ])("%s %s says that none runs and how to start one", async (...words) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toContain("none runs");
    expect(stderr).toContain("kestrel up FILE");
  });

  test("ls is empty, as text and as JSON", async () => {
    expect(await run("ls")).toMatchObject({ code: 0, stdout: "" });
    expect(JSON.parse((await run("ls", "--json")).stdout)).toEqual({ testbeds: [] });
  });

  test("down --all has nothing to do", async () => {
    expect(await run("down", "--all")).toMatchObject({ code: 0, stderr: "no testbed runs\n" });
  });
});

describe("with testbeds that are starting", () => {
  test("ls shows them", async () => {
    const runDirectory = await startingTestbed("alpha");
    const { stdout } = await run("ls", "--json");
    expect(JSON.parse(stdout)).toEqual({
      testbeds: [
        {
          name: "alpha",
          topology: "alpha",
          state: "starting",
          nodes: 2,
          readyNodes: 0,
          supervisor: { pid: process.pid, startedAt: null },
          runDirectory,
        },
      ],
    });
  });

  test("several need a name, from the option or the environment", async () => {
    await startingTestbed("alpha");
    await startingTestbed("beta");
    expect((await run("status")).stderr).toContain("several run: alpha, beta");
    expect((await run("status", "--testbed", "beta")).stderr).toContain("beta");
    vi.stubEnv("KESTREL_TESTBED", "alpha");
    expect((await run("status")).stderr).toContain("connect to the testbed: alpha");
  });
});

test("version is JSON too", async () => {
  expect(JSON.parse((await run("version", "--json")).stdout)).toEqual({
    kestrel: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    node: process.versions.node,
  });
});

test("plan of a wrong topology ends with 2 and tells every fault with its line", async () => {
  const { code, stderr } = await run("plan", "test/topology/cases/nosuch.yaml");
  expect(code).toBe(2);
  expect(stderr).toContain("no such file");
});
