import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { readDocument } from "../../src/document/index.ts";

const schema = z.strictObject({ name: z.string() });

describe("readDocument", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kestrel-document-"));
    await writeFile(join(folder, "routed.yaml"), "name: n\n");
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("reads a file", async () => {
    const path = join(folder, "routed.yaml");
    expect(await readDocument(path, schema)).toMatchObject({ name: path, value: { name: "n" } });
  });

  it("names the file that was meant when there is none of that name", async () => {
    await expect(readDocument(join(folder, "ruoted.yaml"), schema, "read topology")).rejects.toMatchObject({
      explanation: { kind: "input", step: "read topology", found: "no such file", hint: 'did you mean "routed.yaml"?' },
    });
    await expect(readDocument(join(folder, "absent", "x.yaml"), schema)).rejects.toMatchObject({
      explanation: { found: "no such file" },
    });
  });

  it("refuses a folder and what is not text", async () => {
    await mkdir(join(folder, "d.yaml"));
    await expect(readDocument(join(folder, "d.yaml"), schema)).rejects.toMatchObject({
      explanation: { found: "a folder" },
    });
    await writeFile(join(folder, "b.yaml"), Buffer.from([0x6e, 0xff, 0xfe]));
    await expect(readDocument(join(folder, "b.yaml"), schema)).rejects.toMatchObject({
      explanation: { kind: "input", found: "3 bytes which are not UTF-8 text" },
    });
  });

  it.skipIf(process.getuid?.() === 0)("says when a file may not be read (root may read everything)", async () => {
    await chmod(join(folder, "routed.yaml"), 0o000);
    await expect(readDocument(join(folder, "routed.yaml"), schema)).rejects.toMatchObject({
      explanation: { found: "a file that may not be read" },
    });
  });
});
