const privateKey = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[^]*?(?:-----END \1-----|$)/g;
const marker = "(a private key was removed here)";

/** A text without private keys in PEM or OpenSSH form, wherever they come from: nothing that opens anything goes into a bundle. */
export function redact(text: string): string {
  return text.includes("PRIVATE KEY") ? text.replace(privateKey, marker) : text;
}

/** JSON whose texts have passed {@link redact}, each by itself, so that it stays JSON whatever is cut. */
export function redactedJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === "string" ? redact(member) : member), indent);
}
