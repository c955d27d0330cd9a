import { createHash } from "node:crypto";
import type { Store } from "../store/store.ts";

/**
 * Make what a configuration declares, once for each declaration: what is changed or deleted afterwards stays so, until another is
 * declared. `key` is the name under which the database remembers it. What `make` throws leaves nothing made.
 */
export function makeDeclared(
  store: Store,
  key: string,
  declaration: unknown,
  { isEmpty, make }: { readonly isEmpty: boolean; readonly make: () => void },
): void {
  const { meta } = store.tables;
  const digest = createHash("sha256").update(JSON.stringify(declaration)).digest("hex");
  const before = meta.find({ key });
  if (before?.value === digest || (before === undefined && isEmpty)) return;
  store.transaction(() => {
    make();
    if (before === undefined) meta.insert({ key, value: digest });
    else meta.update({ key }, { value: digest });
  });
}
