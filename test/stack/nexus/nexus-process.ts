import { main } from "../../../src/stack/nexus/main.ts";

// nexusd as a process of its own, to be killed.
await main(process.argv.slice(2));
