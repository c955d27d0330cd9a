import { compareAddresses, familyOf } from "./address.ts";
import type { Addresses, SwitchAddress } from "./addresses.ts";
import type { LinkParameters, Links } from "./links.ts";
import { Refusal } from "./refusal.ts";

/** What a port shall be: exactly these links, with exactly these addresses. */
export type PortSettings = ReadonlyMap<number, LinkSettings>;

/** What a link shall be. */
export interface LinkSettings {
  readonly parameters: LinkParameters;
  /** Canonical addresses, in any order. */
  readonly addresses: readonly string[];
}

/** Settings of whole ports, on top of links and addresses. */
export class SettingsOfPorts {
  readonly #links: Links;
  readonly #addresses: Addresses;

  constructor(links: Links, addresses: Addresses) {
    this.#links = links;
    this.#addresses = addresses;
  }

  /** What a port is; of the addresses those of an owner (undefined: of all). Throws a {@link Refusal} (missing). */
  get(portId: string, tag: string | undefined): PortSettings {
    return new Map(
      this.#links
        .of(portId)
        .map(({ linkId, port, ...parameters }) => [
          linkId,
          { parameters, addresses: this.#of(port.number, tag).map(({ address }) => address) },
        ]),
    );
  }

  /**
   * Let a port be so. Links that are not named go with all their addresses; of the addresses of links that stay, those of
   * other owners are left alone. Throws a {@link Refusal}.
   */
  set(portId: string, settings: PortSettings, tag: string | undefined): void {
    const port = this.#links.port(portId);
    const wrong = [...settings.keys()].find((linkId) => linkId !== 0);
    if (wrong !== undefined) throw new Refusal("busy", `port ${portId} has one lane, and no room for a link ${wrong}`);
    for (const { linkId } of this.#links.of(portId)) if (!settings.has(linkId)) this.#links.remove(portId, linkId);
    for (const [linkId, { parameters, addresses }] of settings) {
      if (this.#links.of(portId).length === 0) this.#links.create(portId, parameters);
      else this.#links.change(portId, linkId, parameters);
      const wanted = new Set(addresses);
      const present = this.#of(port.number, tag);
      for (const { address } of present) if (!wanted.has(address)) this.#addresses.remove(address);
      for (const { address } of present) wanted.delete(address);
      for (const address of wanted) {
        this.#addresses.add({ address, tag: tag ?? "", port: port.number, withLink: false });
      }
    }
  }

  #of(port: number, tag: string | undefined): readonly SwitchAddress[] {
    return ([4, 6] as const)
      .flatMap((family) => this.#addresses.of(port, family))
      .filter((address) => !address.withLink && (tag === undefined || address.tag === tag))
      .sort((a, b) => familyOf(a.address) - familyOf(b.address) || compareAddresses(a.address, b.address));
  }
}
