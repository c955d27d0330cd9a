/** How delay-driven multipath measures and decides; see docs/multipath.md. Times in milliseconds unless named otherwise. */
export interface MultipathSettings {
  /** A path is probed this often, ±25 %; less often when there are more paths than `maxProbesPerSecond` allows. */
  readonly probeIntervalMs: number;
  /** Of all paths together. */
  readonly maxProbesPerSecond: number;
  /** A probe that is not acknowledged by then is lost. */
  readonly probeTimeoutMs: number;
  /** Acknowledgments of others' probes; beyond it probes are not answered. */
  readonly maxAcknowledgmentsPerSecond: number;
  /** Added to every delay, so that small differences matter little, microseconds. */
  readonly baseMicroseconds: number;
  /** Least change of a path's share for which weights are changed, of an equal share: 0.1 are 5 % for two paths. */
  readonly minShareChange: number;
  /** Least time between two changes of a destination's weights. */
  readonly minChangeIntervalMs: number;
  /** An estimate that got nothing new for so long is forgotten. */
  readonly forgetAfterMs: number;
}

/** What is used for settings that are not given. */
export const defaultMultipathSettings: MultipathSettings = {
  probeIntervalMs: 100,
  maxProbesPerSecond: 100,
  probeTimeoutMs: 500,
  maxAcknowledgmentsPerSecond: 2000,
  baseMicroseconds: 1000,
  minShareChange: 0.1,
  minChangeIntervalMs: 1000,
  forgetAfterMs: 10_000,
};
