import { z } from "zod";

/** A schema of texts that `canonical` takes, in the form that it gives them; what it throws is what is wrong. */
export function canonicalText(
  canonical: (text: string) => string,
): z.ZodPipe<z.ZodString, z.ZodTransform<string, string>> {
  return z.string().transform((text, context) => {
    try {
      return canonical(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
}
