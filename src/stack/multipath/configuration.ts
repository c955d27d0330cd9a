import { z } from "zod";
import { defaultMultipathSettings, type MultipathSettings } from "./engine/settings.ts";

const milliseconds = z.number().min(1).max(3_600_000);
const perSecond = z.number().min(1).max(100_000);
const defaults = defaultMultipathSettings;

/** The settings of delay-driven multipath in a daemon's configuration; what is left out has its usual value. */
export const multipathSettingsSchema: z.ZodType<MultipathSettings> = z.strictObject({
  probeIntervalMs: milliseconds.default(defaults.probeIntervalMs),
  maxProbesPerSecond: perSecond.default(defaults.maxProbesPerSecond),
  // The clock of the stamps begins anew every 16.8 seconds.
  probeTimeoutMs: milliseconds.max(16_000).default(defaults.probeTimeoutMs),
  maxAcknowledgmentsPerSecond: perSecond.default(defaults.maxAcknowledgmentsPerSecond),
  baseMicroseconds: z.number().min(0).max(100_000).default(defaults.baseMicroseconds),
  minShareChange: z.number().min(0.01).max(1).default(defaults.minShareChange),
  minChangeIntervalMs: milliseconds.default(defaults.minChangeIntervalMs),
  forgetAfterMs: milliseconds.default(defaults.forgetAfterMs),
});
