import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "./memory-terminal.ts";

const program = join(import.meta.dirname, "../p4/programs/ipv4-router.p4");
const ownTest = join(import.meta.dirname, "../p4/programs/ipv4-router.stf");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kestrel-stf-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const wrong = "packet 0 000000000001 000000000002 0800 00\nexpect 1 00\n";

describe("kestrel p4 stf", () => {
  test.each([[[]], [["--interpret"]]])("ends with 0 when all is as expected %j", async (options) => {
    const { code, stdout, stderr } = await run("p4", "stf", program, ownTest, ...options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/6 packets, 3 expectations, all as expected\n$/);
  });

  test("ends with 1 when something is not, and shows it", async () => {
    const { code, stdout } = await run("p4", "stf", program, file("wrong.stf", wrong));
    expect(code).toBe(1);
    expect(stdout).toContain("wrong.stf:2:1: no packet left by port 1");
    expect(stdout).toContain("1 packets, 1 expectations, 1 not as expected");
  });

  test("ends with 2 when the test is wrong, with all that is", async () => {
    const { code, stdout, stderr } = await run("p4", "stf", program, file("bad.stf", "packet\nfly\n"));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("bad.stf:1:7: error: expected a port, found the end of the line");
    expect(stderr).toContain('bad.stf:2:1: error: "fly" is no statement');
  });

  test("ends with 2 when the program is wrong, or a file is not there", async () => {
    const broken = await run("p4", "stf", file("broken.p4", "control"), ownTest);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain("broken.p4:1");
    const missing = await run("p4", "stf", program, join(folder, "nothing.stf"));
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("read the test");
  });

  test("tells programs the same with --json", async () => {
    const passed = await run("p4", "stf", program, ownTest, "--json");
    expect(passed.code).toBe(0);
    expect(JSON.parse(passed.stdout)).toEqual({
      passed: true,
      packets: 6,
      expectations: 3,
      failures: [],
      notes: [],
      diagnostics: [],
    });
    const failed = await run("p4", "stf", program, file("wrong.stf", wrong), "--json");
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      passed: false,
      failures: [{ kind: "missing", line: 2, column: 1, port: 1, expected: "00", found: null }],
    });
    const bad = await run("p4", "stf", program, file("bad.stf", "fly\n"), "--json");
    expect(bad.code).toBe(2);
    expect(JSON.parse(bad.stdout)).toMatchObject({ passed: false, diagnostics: [{ line: 1, severity: "error" }] });
  });
});
