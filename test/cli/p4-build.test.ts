import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./memory-terminal.ts";
import { useStateDirectory } from "./state-directory.ts";

useStateDirectory();

const router = join(import.meta.dirname, "../p4/programs/ipv4-router.p4");

describe("kestrel p4 build", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "p4-build-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it("writes the JSON of a program", async () => {
    const output = join(folder, "router.json");
    expect(await run("p4", "build", router, "-o", output)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(JSON.parse(await readFile(output, "utf8"))).toMatchObject({
      program: router,
      __meta__: { version: [2, 23] },
    });
  });

  it("prints the JSON without -o", async () => {
    const { code, stdout } = await run("p4", "build", router);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ program: router });
  });

  it("shows all errors with their places, writes nothing and ends with 2", async () => {
    const program = join(folder, "broken.p4");
    await writeFile(program, "#include <v1model.p4>\nheader h { bit<8> a }\nstruct s { hh x; }\n");
    const { code, stdout, stderr } = await run("p4", "build", program, "-o", join(folder, "broken.json"));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("2 errors");
    expect(stderr).toContain(`${program}:2:20: error: expected ";" after the field`);
    expect(stderr).toContain(`${program}:3:12: error: there is no type "hh" here`);
    expect(stderr).toContain('hint: did you mean "h"?');
    expect(await readdir(folder)).not.toContain("broken.json");
  });

  it("gives errors and warnings as JSON", async () => {
    const program = join(folder, "json.p4");
    await writeFile(program, "#include <v1model.p4>\nconst bit<8> c = 300;\n");
    const { code, stdout } = await run("p4", "build", program, "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      output: null,
      diagnostics: [
        { severity: "warning", file: program, line: 2, column: 18 },
        { severity: "error", message: "the program has no main" },
      ],
    });
  });

  it("takes folders of includes and macros", async () => {
    await writeFile(join(folder, "answer.p4"), "const bit<8> ANSWER = VALUE + ONE;\n");
    const text = (await readFile(router, "utf8")).replace("typedef bit<48>", "#include <answer.p4>\ntypedef bit<48>");
    const program = join(folder, "included.p4");
    await writeFile(program, text.replace("hdr.ipv4.ttl - 1", "hdr.ipv4.ttl - ANSWER"));
    const { code, stdout } = await run("p4", "build", program, "-I", folder, "-D", "VALUE=41", "-D", "ONE");
    expect(code).toBe(0);
    expect(stdout).toContain('"0x2a"');
  });

  it("says which file it cannot read", async () => {
    const { code, stderr } = await run("p4", "build", join(folder, "missing.p4"));
    expect(code).toBe(2);
    expect(stderr).toContain("missing.p4");
  });
});
