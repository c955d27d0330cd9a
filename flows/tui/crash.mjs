// Preloaded by a flow: an error that nobody catches, when it is asked for.
process.on("SIGUSR2", () => {
  throw new Error("a fault that was asked for");
});
