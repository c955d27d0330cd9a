import { main } from "../../../src/stack/directory/main.ts";

// dnsd as a process of its own, to be killed.
await main(process.argv.slice(2));
