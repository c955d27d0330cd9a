import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { converse } from "../../../src/p4/switch/cli/converse.ts";
import { RuntimeCli } from "../../../src/p4/switch/cli/runtime-cli.ts";
import { start } from "./cli-switch.ts";

describe("a conversation", () => {
  async function talk(input: string, options: { json?: boolean; commands?: readonly string[] } = {}) {
    const { running } = await start();
    const stdin = new PassThrough();
    const stdout = new PassThrough().setEncoding("utf8");
    let said = "";
    stdout.on("data", (piece: string) => (said += piece));
    stdin.end(input);
    const { json = false, commands = [] } = options;
    const failures = await converse({ stdin, stdout }, { port: running.thriftPort, host: "127.0.0.1", json, commands });
    return { failures, said };
  }

  test("takes lines from a script, goes on behind a failure and counts it", async () => {
    expect(await talk("# routes\ntable_num_entries routes\n\nfly\ntable_num_entries rules\nEOF\nfly\n")).toEqual({
      failures: 1,
      said: "0\n*** Unknown syntax: fly\n0\n",
    });
  });

  test("takes commands of the command line instead, and tells programs the same", async () => {
    const commands = ["table_num_entries routes", "table_delete routes 0", "table_clear routes"];
    const { failures, said } = await talk("fly\n", { json: true, commands });
    expect(failures).toBe(1);
    expect(
      said
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { command: "table_num_entries routes", ok: true, result: { entries: 0 } },
      {
        command: "table_delete routes 0",
        ok: false,
        error: { message: "Invalid table operation (INVALID_HANDLE)", code: "INVALID_HANDLE" },
      },
      { command: "table_clear routes", ok: true, result: null },
    ]);
  });

  test("at a terminal has a prompt, completion and history", async () => {
    const { running } = await start();
    const terminal = () => Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    const [stdin, stdout] = [terminal(), terminal().setEncoding("utf8")];
    let said = "";
    stdout.on("data", (piece: string) => (said += piece));
    const options = { port: running.thriftPort, host: "127.0.0.1", json: false, commands: [] };
    const ended = converse({ stdin, stdout }, options);
    // Lines are drawn again as they are edited: what counts is what ends them and the answer below.
    const until = (pattern: RegExp) =>
      vi.waitFor(
        () => {
          expect(stripVTControlCharacters(said).replaceAll("\r", "")).toMatch(pattern);
        },
        { timeout: 30_000, interval: 2 },
      );
    await until(/RuntimeCmd: $/);
    stdin.write("table_num_en");
    await until(/RuntimeCmd: table_num_en$/);
    stdin.write("\t");
    await until(/table_num_entries $/);
    stdin.write("rules\r");
    await until(/table_num_entries rules\n0\nRuntimeCmd: $/);
    // The line before, from the history.
    stdin.write("\u001b[A\r");
    await until(/rules\n0\n[^]*table_num_entries rules\n0\nRuntimeCmd: $/);
    stdin.write("fly\r");
    await until(/fly\n\*\*\* Unknown syntax: fly\nRuntimeCmd: $/);
    stdin.write("\u0004");
    expect(await ended).toBe(0);
  });

  test("says where it looked when no switch answers", async () => {
    await expect(RuntimeCli.connect(1, "127.0.0.1")).rejects.toMatchObject({
      explanation: { kind: "host", step: "connect to the switch", subject: "127.0.0.1:1" },
    });
  });
});
