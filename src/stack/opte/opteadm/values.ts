import type { Command } from "commander";
import { KestrelError } from "../../../error/kestrel-error.ts";
import { IpAddress, IpPrefix } from "../engine/parse/address.ts";

/** Values of options and arguments that several commands read. */

/** One more value of an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The parts of a text with commas between. */
export function commaList(value: string): readonly string[] {
  return value.split(",").filter((part) => part !== "");
}

/** A refusal of what somebody wrote. */
export function refusal(subject: string, found: string): KestrelError {
  return new KestrelError({ kind: "input", step: "read arguments", subject, found });
}

/** An address, of the family if one is given. @throws KestrelError (input) with `complaint` */
export function requireAddress(option: string, text: string, family?: 4 | 6, complaint?: string): string {
  let address: IpAddress;
  try {
    address = IpAddress.parse(text);
  } catch (error) {
    throw refusal(option, error instanceof Error ? error.message : String(error));
  }
  if (family !== undefined && address.family !== family) throw refusal(option, complaint ?? `expected IPv${family}`);
  return text;
}

/** A prefix of a family. @throws KestrelError (input) with `complaint` */
export function requirePrefix(text: string, family: 4 | 6, complaint: string): void {
  let prefix: IpPrefix;
  try {
    prefix = IpPrefix.parse(text);
  } catch (error) {
    throw refusal(text, error instanceof Error ? error.message : String(error));
  }
  if (prefix.family !== family) throw refusal(text, complaint);
}

/** Options of external addresses. */
export interface ExternalIpOptions {
  readonly snatIp?: string;
  readonly snatStart?: string;
  readonly snatEnd?: string;
  readonly ephemeralIp?: string;
  readonly floatingIp?: readonly string[];
}

/** Declare them. */
export function externalIpOptions(command: Command): Command {
  return command
    .option("--snat-ip <address>", "external address whose ports are shared")
    .option("--snat-start <port>", "first port of the guest's block")
    .option("--snat-end <port>", "last port of the guest's block")
    .option("--ephemeral-ip <address>", "external address of the guest alone")
    .option("--floating-ip <address>", "may be given several times", collect);
}

/** External addresses as the API takes them. @throws KestrelError (input) for a part of a SNAT block, or another family */
export function externalIpsOf(options: ExternalIpOptions, family: 4 | 6): object {
  const { snatIp, snatStart, snatEnd, ephemeralIp, floatingIp } = options;
  const given = [snatIp, snatStart, snatEnd].filter((value) => value !== undefined).length;
  if (given !== 0 && given !== 3)
    throw refusal("--snat-ip", "expected --snat-ip, --snat-start and --snat-end, or none");
  for (const address of [snatIp, ephemeralIp, ...(floatingIp ?? [])]) {
    if (address !== undefined) requireAddress("external IP", address, family, `expected IPv${family} external IP`);
  }
  return {
    ...(snatIp === undefined ? {} : { snat: { address: snatIp, first: Number(snatStart), last: Number(snatEnd) } }),
    ...(ephemeralIp === undefined ? {} : { ephemeral: ephemeralIp }),
    ...(floatingIp === undefined ? {} : { floating: floatingIp }),
  };
}
