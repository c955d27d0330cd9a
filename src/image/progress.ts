/** Steps of building an image, in their order. */
export type ImageStep = "packages" | "initramfs" | "root" | "verify";

/** One thing to tell about the building of an image. */
export interface ImageProgress {
  readonly step: ImageStep;
  /** How much of the step is done, 0 to 1; absent when that is not known. */
  readonly fraction?: number;
  readonly message: string;
}

export type OnImageProgress = (progress: ImageProgress) => void;

/** Milestones that mmdebstrap tells, with the share of the time passed at each: measured on the base image. */
const milestones: readonly (readonly [start: string, fraction: number, message: string])[] = [
  ["running apt-get update", 0.01, "read the package lists"],
  ["downloading packages with apt", 0.08, "download the essential packages"],
  ["extracting archives", 0.15, "unpack the essential packages"],
  ["installing essential packages", 0.25, "configure the essential packages"],
  ["installing remaining packages", 0.4, "download and install the other packages"],
  ["cleaning package lists", 0.9, "remove what is not needed"],
  ["creating tarball", 0.93, "pack the tree"],
  ["done", 1, "packages are installed"],
];

/** What a line of mmdebstrap's standard error says about its progress; undefined for most lines. */
export function parseMmdebstrapLine(line: string): ImageProgress | undefined {
  const told = /^I: (.*)$/.exec(line)?.[1];
  const milestone = told === undefined ? undefined : milestones.find(([start]) => told.startsWith(start));
  if (milestone === undefined) return undefined;
  const [, fraction, message] = milestone;
  return { step: "packages", fraction, message };
}
