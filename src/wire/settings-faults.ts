import { cleanDirection, type DirectionSettings } from "../topology/direction-settings.ts";

const probabilities = ["loss", "duplicate", "reorder", "corrupt"] as const;
const amounts = ["queueBytes", "delayMicroseconds", "jitterMicroseconds"] as const;
const limits = ["rateBitsPerSecond", "mtuBytes"] as const;

/** What is wrong with settings that come from outside, in words; nothing if they can be used. */
export function settingsFaults(settings: Partial<DirectionSettings>): string[] {
  const known = Object.keys(cleanDirection);
  const faults = Object.keys(settings)
    .filter((key) => !known.includes(key))
    .map((key) => `${key} is not a setting (there are ${known.join(", ")})`);
  const check = (name: keyof DirectionSettings, expected: string, holds: (value: unknown) => boolean): void => {
    const value: unknown = settings[name];
    if (value !== undefined && !holds(value)) faults.push(`${name} must be ${expected}, not ${JSON.stringify(value)}`);
  };
  check("cut", "true or false", (value) => typeof value === "boolean");
  for (const name of probabilities) {
    check(name, "a probability from 0 to 1", (value) => isNumberFrom(0, value) && Number(value) <= 1);
  }
  for (const name of amounts) check(name, "a number, 0 or more", (value) => isNumberFrom(0, value));
  for (const name of limits) {
    check(name, "a number above 0, or null for no limit", (value) => value === null || isNumberFrom(1, value));
  }
  return faults;
}

function isNumberFrom(least: number, value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= least;
}
