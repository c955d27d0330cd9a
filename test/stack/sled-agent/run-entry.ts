import { main } from "../../../src/stack/sled-agent/main.ts";

// sled-agent as a process of its own, to be killed.
await main(process.argv.slice(2));
