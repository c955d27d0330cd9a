/** Runs `main` of opted or opteadm, as the node does: `run-entry.ts opted/main|opteadm/main ARGUMENTS`. */
const [entry = "", ...argv] = process.argv.slice(2);
const { main } = (await import(`../../../../src/stack/opte/${entry}.ts`)) as {
  main: (argv: readonly string[]) => Promise<void>;
};
await main(argv);
