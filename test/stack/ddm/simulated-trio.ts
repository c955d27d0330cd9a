import type { MessageAuthenticator } from "../../../src/stack/ddm/engine/authentication.ts";
import { SimulatedNetwork } from "./simulated-network.ts";

/** s1 and s2, servers, and t1, a transit router between them. */
export function trio(options: { readonly authenticator?: MessageAuthenticator } = {}): SimulatedNetwork {
  const network = new SimulatedNetwork();
  network.router("s1", { kind: "server", ...options });
  network.router("s2", { kind: "server", ...options });
  network.router("t1", { kind: "transit", ...options });
  network.wire("s1", "t1");
  network.wire("s2", "t1");
  return network;
}

/** How many underlay prefixes each router imported. */
export function imported(network: SimulatedNetwork, ...names: readonly string[]): readonly number[] {
  return names.map((name) => {
    const { router } = network.engine(name);
    return Array.from(router.rib.entries()).filter(({ key, learned }) => !key.startsWith("tunnel ") && learned.size > 0)
      .length;
  });
}

/** How many tunnel origins each router imported. */
export function importedTunnels(network: SimulatedNetwork, ...names: readonly string[]): readonly number[] {
  return names.map((name) => {
    const { router } = network.engine(name);
    return Array.from(router.rib.entries()).filter(({ key, learned }) => key.startsWith("tunnel ") && learned.size > 0)
      .length;
  });
}

/** How many peers each router has. */
export function peers(network: SimulatedNetwork, ...names: readonly string[]): readonly number[] {
  return names.map(
    (name) =>
      Array.from(network.engine(name).router.links.values()).filter(({ session }) => session !== undefined).length,
  );
}
