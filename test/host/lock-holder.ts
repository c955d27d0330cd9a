import { acquireLock } from "../../src/host/lock.ts";

// A process of its own that takes the lock of the file it is given, says so, and keeps it until its input ends.
const [path = ""] = process.argv.slice(2);
const lock = await acquireLock(path, { purpose: "hold it for a test", timeoutMs: 20_000 });
process.stdout.write("held\n");
process.stdin.on("end", () => void lock.release());
process.stdin.resume();
