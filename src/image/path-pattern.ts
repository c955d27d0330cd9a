/**
 * A test for relative paths. A pattern fits the path itself and everything below it; `*` stands for any characters
 * but a slash.
 */
export function pathPattern(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const alternatives = patterns.map((pattern) => pattern.split("*").map(escape).join("[^/]*"));
  const expression = new RegExp(`^(?:${alternatives.join("|")})(?:/|$)`);
  return (path) => expression.test(path);
}

function escape(text: string): string {
  return text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&");
}
