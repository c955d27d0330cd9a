import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileP4, IncludeFolders } from "../p4/compiler/index.ts";

/*
 * One measurement of the P4 benchmark: compiles the rack's switch program in a process of its own, as
 * `kestrel p4 build` does, with nothing warmed up. Prints {compileMs}, of processor time, as JSON.
 */

const file = fileURLToPath(new URL("../stack/dpd/rack.p4", import.meta.url));
const text = readFileSync(file, "utf8");
const before = process.cpuUsage();
const { json } = compileP4(text, "rack.p4", { includes: new IncludeFolders() });
const { user, system } = process.cpuUsage(before);
if (json === undefined) throw new Error("the rack's program does not compile");
console.log(JSON.stringify({ compileMs: (user + system) / 1000 }));
