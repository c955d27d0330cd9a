/** Runs `main` of an entry of src/stack/ddm, as the node does: `run-entry.ts main|ddmadm ARGUMENTS`. */
const [entry = "", ...argv] = process.argv.slice(2);
const { main } = (await import(`../../../src/stack/ddm/${entry}.ts`)) as {
  main: (argv: readonly string[]) => Promise<void>;
};
await main(argv);
