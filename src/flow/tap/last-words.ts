/** What tcpdump counted, as it says when it ends. */
export interface TapFigures {
  /** Frames written. */
  readonly captured: number;
  /** Frames that the kernel let through the filter. */
  readonly received: number;
  /** Frames that the kernel had no room for: tcpdump, or whoever reads from it, was too slow. */
  readonly dropped: number;
}

/** The figures in tcpdump's last words; undefined when it died without any. */
export function readLastWords(stderr: string): TapFigures | undefined {
  const count = (words: string): number | undefined => {
    const [, digits] = new RegExp(`(\\d+) packets? ${words}`).exec(stderr) ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  const [captured, received] = [count("captured"), count("received by filter")];
  const dropped = count("dropped by kernel");
  if (captured === undefined || received === undefined || dropped === undefined) return undefined;
  return { captured, received, dropped: dropped + (count("dropped by interface") ?? 0) };
}
