import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { canonicalMac, formatMac, parseMac } from "../../../packet/index.ts";

/** A MAC address in dpd's answers, as text. */
export const macText = z.object({ a: z.array(z.int()) }).transform(({ a }) => formatMac(Uint8Array.from(a)));

/** A MAC address as dpd takes it. */
export function macBody(text: string): { readonly a: readonly number[] } {
  return { a: [...parseMac(text)] };
}

/** An argument that is a MAC address. */
export function macArgument(text: string): string {
  try {
    return canonicalMac(text);
  } catch {
    throw new InvalidArgumentError("expected six groups like 02:00:00:00:00:01");
  }
}

/** An argument that is a whole number. */
export function numberArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("expected a number");
  return Number(text);
}

/** An argument like `rear0/0`: a port and one of its links; without a slash link 0 is meant. */
export function linkArgument(text: string): { readonly portId: string; readonly linkId: number } {
  const [portId = "", linkId = "0", ...rest] = text.split("/");
  if (portId === "" || rest.length > 0 || !/^\d{1,3}$/.test(linkId)) {
    throw new InvalidArgumentError("expected a link like rear0/0");
  }
  return { portId, linkId: Number(linkId) };
}

/** An argument that is yes or no. */
export function switchArgument(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError("expected on or off");
  return text === "on";
}

/** Whether an address or prefix is of IPv6. */
export function isIpv6(text: string): boolean {
  return text.includes(":");
}

/** A part of a path. */
export const part = encodeURIComponent;

/** The tag of what is made by hand. */
export const ownTag = "cli";
