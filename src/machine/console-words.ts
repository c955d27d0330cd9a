/** What the kernel prints when it gives up. */
export const panicWords = "Kernel panic";

/** The end of what a console printed, oldest line first: what led to a kernel panic where there was one, else the last lines. */
export function lastConsoleLines(text: string, count = 15): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const panic = lines.findIndex((line) => line.includes(panicWords));
  return lines.slice(0, panic < 0 ? undefined : panic + 1).slice(-count);
}
