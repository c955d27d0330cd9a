import { Addresses } from "./addresses.ts";
import { AttachedSubnets, Nat } from "./guest-targets.ts";
import { Journal } from "./journal.ts";
import { type LinkChange, type LinkParameters, Links, ownTag, type SwitchPort } from "./links.ts";
import { Neighbors } from "./neighbors.ts";
import { SettingsOfPorts } from "./port-settings.ts";
import { Routes } from "./routes.ts";
import type { HeldRows } from "./row-difference.ts";
import { type RowChange, RowStore } from "./row-store.ts";
import { tables } from "./tables.ts";

/** A link that is there from the start. */
export interface InitialLink {
  readonly portId: string;
  readonly parameters: LinkParameters;
  readonly change: LinkChange;
}

/** What a switch has, and what is there from the start. */
export interface IntentOptions {
  readonly ports: readonly SwitchPort[];
  readonly links: readonly InitialLink[];
  /** Addresses of the switch as a whole. */
  readonly loopbacks: readonly string[];
}

/** A change that was made to the intent, and is still to be made to the switch. */
export interface IntentChange<T> {
  readonly value: T;
  /** Operations on the switch's tables, to be done in this order. */
  readonly rows: readonly RowChange[];
  /** Take the change back; only as long as no other came after it. */
  readonly undo: () => void;
}

/**
 * All that the switch shall do: what the API was told, and the rows of the switch's tables that follow from it. Changes go
 * through {@link Intent.change}, and happen wholly or not at all.
 */
export class Intent {
  readonly #journal = new Journal();
  readonly rows = new RowStore(this.#journal);
  readonly routes = {
    4: new Routes(4, this.rows, this.#journal, tables["ingress.router.v4_route.rtr"].capacity),
    6: new Routes(6, this.rows, this.#journal, tables["ingress.router.v6_route.rtr"].capacity),
  } as const;
  readonly neighbors = {
    4: new Neighbors(4, this.rows, this.#journal),
    6: new Neighbors(6, this.rows, this.#journal),
  } as const;
  readonly nat = new Nat(this.rows, this.#journal);
  readonly attachedSubnets = new AttachedSubnets(this.rows, this.#journal);
  readonly addresses = new Addresses(this.rows, this.#journal);
  readonly links: Links;
  readonly settings: SettingsOfPorts;
  readonly #options: IntentOptions;

  constructor(options: IntentOptions) {
    this.#options = options;
    this.links = new Links(this.rows, this.#journal, this.addresses, options.ports);
    this.settings = new SettingsOfPorts(this.links, this.addresses);
    this.change(() => {
      this.#begin();
    });
  }

  /** Change the intent. What `act` throws is thrown, and nothing has changed then. */
  change<T>(act: () => T): IntentChange<T> {
    this.#journal.cut();
    try {
      const value = act();
      return { value, rows: this.rows.takeChanges(), undo: this.#journal.cut() };
    } catch (error) {
      this.#journal.cut()();
      this.rows.takeChanges();
      throw error;
    }
  }

  /**
   * Take over what an earlier run of dpd left in the switch: rows that nobody wants yet stay as they are, so that packets
   * go their way until those who wanted them have said so again. Before anything is changed.
   */
  adopt(held: HeldRows): void {
    for (const rows of held.values()) for (const row of rows) this.rows.adopt(row);
    for (const family of [4, 6] as const) {
      for (const { key } of held.get(`ingress.router.v${family}_route.rtr`) ?? []) {
        const [slot] = key;
        if (slot?.kind === "exact") this.routes[family].reserve(Number(slot.value));
      }
    }
  }

  /** What was adopted and not wanted again goes. Part of a change. */
  releaseAdopted(): void {
    this.rows.releaseUnclaimed();
    for (const family of [4, 6] as const) this.routes[family].releaseReserved();
  }

  /** Remove what an owner set; links and what has no owner stay. Part of a change. */
  removeTag(tag: string): void {
    for (const family of [4, 6] as const) {
      this.routes[family].removeTag(tag);
      this.neighbors[family].removeTag(tag);
    }
    this.addresses.removeWhere((address) => address.tag === tag && !address.withLink);
  }

  /** Remove everything; what is there from the start is there again. Part of a change. */
  reset(): void {
    this.releaseAdopted();
    for (const family of [4, 6] as const) {
      this.routes[family].removeTag(undefined);
      this.neighbors[family].removeTag(undefined);
      this.nat.removeAll(family);
    }
    this.attachedSubnets.removeAll();
    for (const { port, linkId } of this.links.all()) this.links.remove(port.id, linkId);
    this.addresses.removeWhere(() => true);
    this.#begin();
  }

  #begin(): void {
    for (const { portId, parameters, change } of this.#options.links) this.links.create(portId, parameters, change);
    for (const address of this.#options.loopbacks) {
      this.addresses.add({ address, tag: ownTag, port: undefined, withLink: false });
    }
  }
}
