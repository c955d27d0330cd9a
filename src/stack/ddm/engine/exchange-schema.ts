import { z } from "zod";
import { type Path, pathOf, unknownRouters } from "./path.ts";
import { type RouteKey, tunnelKey, underlayKey } from "./route-key.ts";
import type { Update, Vector } from "./update.ts";

/** Versions of the exchange; they differ only in how a prefix is written (section 1.6). */
export type ExchangeVersion = 2 | 3;

const longestPath = 64;
const router = z.string().min(1).max(255);
const path = z.array(router).min(1).max(longestPath);
const text = z.string().max(64);
const length = z.int().min(0).max(128);
const net = z.union([text, z.object({ addr: text, len: length }).transform(({ addr, len }) => `${addr}/${len}`)]);
const taggedNet = z.union([
  net,
  z.object({ V4: net }).transform(({ V4 }) => V4),
  z.object({ V6: net }).transform(({ V6 }) => V6),
]);

const pathVector = z.object({ destination: net, path });
const tunnelOrigin = z.object({
  overlay_prefix: taggedNet,
  boundary_addr: text,
  vni: z.int().min(0).max(0xff_ffff),
  metric: z.int().min(0).max(0xffff_ffff).default(0),
  /** Only between routers of this implementation. */
  path: path.optional(),
});

function changesOf<Item extends z.ZodType>(item: Item) {
  return z.object({ announce: z.array(item), withdraw: z.array(item) }).nullish();
}

const update = z.object({ underlay: changesOf(pathVector), tunnel: changesOf(tunnelOrigin) });
const pullResponse = z.object({ underlay: z.array(pathVector).nullish(), tunnel: z.array(tunnelOrigin).nullish() });

/** A body that is no JSON, or not of this shape; the message says where. */
export class BodyFault extends Error {}

/** Reads bodies of the exchange; both ways to write a prefix are understood in both versions. */
export class BodyReader {
  readonly #peer: string;
  readonly #paths = new Map<string, Path>();

  /** @param peer whom the body is from: the only known router of tunnel origins that come without a path */
  constructor(peer: string) {
    this.#peer = peer;
  }

  /** @throws BodyFault */
  update(body: string): Update {
    const { underlay, tunnel } = read(update, body);
    return {
      announce: [...this.#underlay(underlay?.announce), ...this.#tunnel(tunnel?.announce)],
      withdraw: [...this.#underlay(underlay?.withdraw), ...this.#tunnel(tunnel?.withdraw)],
    };
  }

  /** @throws BodyFault */
  pullResponse(body: string): readonly Vector[] {
    const { underlay, tunnel } = read(pullResponse, body);
    return [...this.#underlay(underlay), ...this.#tunnel(tunnel)];
  }

  #underlay(vectors: readonly z.output<typeof pathVector>[] | null | undefined): Vector[] {
    return (vectors ?? []).map(({ destination, path: routers }) => ({
      key: keyOrFault(underlayKey(destination), destination),
      path: this.#path(routers),
    }));
  }

  #tunnel(origins: readonly z.output<typeof tunnelOrigin>[] | null | undefined): Vector[] {
    return (origins ?? []).map(({ overlay_prefix, boundary_addr, vni, metric, path: routers }) => ({
      key: keyOrFault(
        tunnelKey({ overlayPrefix: overlay_prefix, boundaryAddress: boundary_addr, vni, metric }),
        `${overlay_prefix} by ${boundary_addr}`,
      ),
      path: this.#path(routers ?? [unknownRouters, this.#peer]),
    }));
  }

  /** The vectors of a body share few paths. */
  #path(routers: readonly string[]): Path {
    const made = pathOf(routers);
    const known = this.#paths.get(made.text);
    if (known !== undefined) return known;
    this.#paths.set(made.text, made);
    return made;
  }
}

function keyOrFault(key: RouteKey | undefined, found: string): RouteKey {
  if (key === undefined) throw new BodyFault(`expected a prefix, found "${found}"`);
  return key;
}

function read<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw new BodyFault("the body is no JSON");
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new BodyFault(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "does not fit"}`);
}
