/** The labels of a domain name as DNS writes them, uncompressed (RFC 1035 section 3.1); a final dot changes nothing. */
export function domainNameBytes(name: string): number[] {
  const labels = name.split(".").filter((label) => label !== "");
  return [
    ...labels.flatMap((label) => [label.length, ...Array.from(label, (letter) => letter.charCodeAt(0) & 0xff)]),
    0,
  ];
}

/** Several names, one after the other (RFC 3397, without compression). */
export function searchListBytes(names: readonly string[]): number[] {
  return names.flatMap(domainNameBytes);
}

/** Whether a name can be a domain's: at most 253 characters, labels of 1 to 63, printable and without spaces. */
export function isDomainName(name: string): boolean {
  return /^[!-~]{1,253}$/.test(name) && name.split(".").every((label) => label.length >= 1 && label.length <= 63);
}
