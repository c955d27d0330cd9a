/** Environment variable with the seed of a run; `kestrel flow run --seed` sets it. */
export const seedVariable = "KESTREL_SEED";

let drawn: string | undefined;

/** The seed from which everything random in this run follows: given by the environment, or drawn once. */
export function runSeed(): string {
  drawn ??= process.env[seedVariable] ?? globalThis.crypto.randomUUID().slice(0, 8);
  return drawn;
}

/** A seed for one purpose, which follows from the run's seed and these names: other names, other seeds. */
export function seedFor(...names: readonly string[]): string {
  return JSON.stringify([runSeed(), ...names]);
}
