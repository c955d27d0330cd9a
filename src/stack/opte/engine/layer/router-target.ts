import { IpAddress, IpPrefix } from "../parse/address.ts";

/** What a route leads to. `class` is what the NAT layer asks for. */
export interface RouterTarget {
  readonly class: "drop" | "ig" | "ip" | "subnet";
  /** `drop`, `ig`, `ig=UUID`, `ip4=…`, `ip6=…`, `sub4=…`, `sub6=…`. */
  readonly text: string;
  /** Of `ip`. */
  readonly address?: IpAddress;
  /** Of `subnet`. */
  readonly prefix?: IpPrefix;
}

/** Read a target from its text. Throws an Error, `malformed router target: x`, for anything else. */
export function parseRouterTarget(text: string): RouterTarget {
  const at = text.indexOf("=");
  const key = at < 0 ? text : text.slice(0, at);
  const value = at < 0 ? "" : text.slice(at + 1);
  const isFamily = (family: 4 | 6): boolean => key.endsWith(String(family));
  try {
    if (text === "drop") return { class: "drop", text };
    if (text === "ig" || (key === "ig" && /^[0-9a-z-]+$/i.test(value))) return { class: "ig", text };
    if (key === "ip4" || key === "ip6") {
      const address = IpAddress.parse(value);
      if (isFamily(address.family)) return { class: "ip", text: `${key}=${address.text}`, address };
    }
    if ((key === "sub4" || key === "sub6") && value.includes("/")) {
      const prefix = IpPrefix.parse(value);
      if (isFamily(prefix.family)) return { class: "subnet", text: `${key}=${prefix.text}`, prefix };
    }
  } catch {
    // The text is said to be malformed below, whatever part of it is.
  }
  throw new Error(`malformed router target: ${text}`);
}
