/** Puts the programs of nodes that are C into the built package, whose users then need no compiler. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { builtFile, nativeProgram, nativePrograms } from "../src/guest/native-program.ts";

for (const name of nativePrograms) {
  const program = join(import.meta.dirname, "../dist", builtFile(name));
  await mkdir(dirname(program), { recursive: true });
  await writeFile(program, await nativeProgram(name));
  await chmod(program, 0o755);
}
