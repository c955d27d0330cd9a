import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { startingTestbed, useCompileCache, useStateDirectory } from "./state-directory.ts";
import { run } from "./memory-terminal.ts";

const state = useStateDirectory();
const compiled = useCompileCache();
const launcher = join(import.meta.dirname, "../../bin/kestrel");
/** Run a program with the environment of this test. */
function shell(file: string, words: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(file, words, { env: { ...process.env, NODE_COMPILE_CACHE: compiled.path } });
}

/** The words offered after these, the last of which is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const { code, stdout, stderr } = await run("complete", "--", ...words);
  log.mockRestore();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return [...lines, ...stdout.split("\n")]
    .map((line) => line.split("\t")[0] ?? "")
    .filter((line) => line !== "" && line !== ":4");
}

describe("completion", () => {
  test("of verbs, also below others", async () => {
    expect(await offered("st")).toEqual(["status", "start"]);
    expect(await offered("wire", "un")).toEqual(["unplug"]);
    expect(await offered("image", "")).toEqual(["build", "ls", "gc"]);
  });

  test("of options and their values", async () => {
    expect(await offered("up", "--n")).toEqual(["--name"]);
    expect(await offered("up", "--accelerator", "")).toEqual(["auto", "kvm", "tcg"]);
    expect(await offered("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  test("of testbeds, nodes, ports and wires that are there", async () => {
    await startingTestbed("alpha");
    expect(await offered("status", "--testbed", "")).toEqual(["alpha"]);
    expect(await offered("exec", "h")).toEqual(["h1", "h2"]);
    expect(await offered("pause", "h1", "h")).toEqual(["h1", "h2"]);
    expect(await offered("wire", "set", "h1")).toEqual(["h1:net0--h2:net0"]);
    expect(await offered("wire", "set", "h1:net0--h2:net0", "de")).toEqual(["delay="]);
    expect(await offered("wire", "unplug", "h2")).toEqual(["h2:net0"]);
    expect(await offered("cp", "h1")).toEqual(["h1:"]);
    expect(await offered("trace", "h1")).toEqual(["h1:net0", "h1"]);
    expect(await offered("trace", "h1:net0", "--to", "h2")).toEqual(["h2"]);
  });

  test("of the nodes of the testbed that is named", async () => {
    await startingTestbed("alpha");
    expect(await offered("exec", "--testbed", "beta", "h")).toEqual([]);
  });

  test("of topology files and the folders on the way", async () => {
    await mkdir(join(state.path, "sub"));
    await writeFile(join(state.path, "a.yaml"), "");
    await writeFile(join(state.path, "b.txt"), "");
    expect((await offered("up", `${state.path}/`)).toSorted()).toEqual([`${state.path}/a.yaml`, `${state.path}/sub/`]);
  });

  test("says nothing about the commands of a node", async () => {
    await startingTestbed("alpha");
    expect(await offered("exec", "h1", "--", "l")).toEqual([]);
  });
});

describe("in a real bash", { timeout: 30_000 }, () => {
  test("a wire's name is completed although it holds colons, with and without bash-completion", async () => {
    await startingTestbed("alpha");
    const script = `
      kestrel() { "${launcher}" "$@"; }
      eval "$(kestrel completion bash)"
      COMP_WORDS=(kestrel wire show h1 : ne) COMP_CWORD=5
      COMP_LINE="kestrel wire show h1:ne" COMP_POINT=23 COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
      __kestrel_complete_words 2>/dev/null
      echo "\${COMPREPLY[@]}"`;
    const { stdout } = await shell("bash", ["--norc", "-c", script]);
    expect(stdout.trim()).toBe("net0--h2:net0");
  });

  test("the script is one that bash can read", async () => {
    const { stdout } = await shell(launcher, ["completion", "bash"]);
    await shell("bash", ["-n", "-c", stdout]);
    expect(stdout).toContain("complete -F __kestrel_complete_words kestrel");
  });
});

test.each([
  ["zsh", "#compdef kestrel"],
  ["fish", "complete -c kestrel"],
])("the script for %s calls kestrel back", { timeout: 30_000 }, async (name, mark) => {
  const { stdout } = await shell(launcher, ["completion", name]);
  expect(stdout).toContain(mark);
  expect(stdout).toContain("kestrel complete -- ");
});
