/** Signals with which people and programs ask a process to end. */
const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

type Heal = () => Promise<void>;

const heals = new Set<Heal>();

/**
 * Have `heal` called when this process is told to end; the process then ends by the same signal, unless somebody else
 * listens to it. A second signal ends it at once. The result takes it back.
 */
export function healBeforeEnding(heal: Heal): () => void {
  if (heals.size === 0) for (const signal of endingSignals) process.on(signal, end);
  heals.add(heal);
  return () => {
    heals.delete(heal);
    if (heals.size === 0) stopListening();
  };
}

function end(signal: NodeJS.Signals): void {
  stopListening();
  // Who listens too decides how the process ends.
  const decides = process.listenerCount(signal) === 0;
  // What cannot be healed has been told by its step; the process ends all the same.
  void Promise.allSettled([...heals].map((heal) => heal())).then(() => {
    if (decides) process.kill(process.pid, signal);
  });
}

function stopListening(): void {
  for (const signal of endingSignals) process.off(signal, end);
}
