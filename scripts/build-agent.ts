/** Puts the guest agent into the built package, whose users then need no compiler. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agentBinary } from "../src/guest/agent-binary.ts";

const directory = join(import.meta.dirname, "../dist/guest/agent");
const program = join(directory, "kestrel-agent");
await mkdir(directory, { recursive: true });
await writeFile(program, await agentBinary());
await chmod(program, 0o755);
