import { imageBuild, imageGc, imageList } from "../../image/index.ts";
import { InterruptionWatch } from "../interruption.ts";
import { formatAge, formatBytes, formatMilliseconds } from "../quantities.ts";
import type { JsonOption, Session } from "../session.ts";
import { table } from "../table.ts";

/** Options of `kestrel image build`. */
export type ImageBuildOptions = JsonOption;
/** Options of `kestrel image gc`. */
export interface ImageGcOptions extends JsonOption {
  readonly all?: boolean;
}

/** Build an image, unless it is there. */
export async function imageBuildVerb({ terminal }: Session, name: string, { json }: ImageBuildOptions): Promise<void> {
  using interruption = new InterruptionWatch();
  const startedAt = performance.now();
  let told = "";
  try {
    const image = await imageBuild(name, {
      signal: interruption.signal,
      onProgress: (progress) => {
        if (json === true) terminal.printJsonLine({ type: "progress", ...progress });
        else if (told !== progress.message) {
          told = progress.message;
          const share =
            progress.fraction === undefined ? "" : ` ${String(Math.round(progress.fraction * 100)).padStart(3)} %`;
          terminal.note(`${terminal.errorColors.bold(progress.step.padEnd(9))}${share}  ${progress.message}`);
        }
      },
    });
    const elapsedMs = Math.round(performance.now() - startedAt);
    if (json === true)
      terminal.printJsonLine({
        type: "image",
        name: image.name,
        digest: image.digest,
        directory: image.directory,
        elapsedMs,
      });
    else
      terminal.print(
        `${terminal.colors.green("✔")} ${image.name} ${image.digest.slice(0, 12)} in ${formatMilliseconds(elapsedMs)}: ${image.directory}`,
      );
  } catch (error) {
    interruption.signal.throwIfAborted();
    throw error;
  }
}

/** List the images in the cache. */
export async function imageListVerb({ terminal }: Session, { json }: JsonOption): Promise<void> {
  const images = await imageList();
  if (json === true) {
    terminal.printJson({ images });
    return;
  }
  if (images.length === 0) {
    terminal.note("no image is built yet; build one: kestrel image build");
    return;
  }
  const rows = images.map(({ name, digest, size, inUse, manifest }) => [
    terminal.colors.bold(name),
    digest.slice(0, 12),
    formatBytes(size),
    formatAge(Date.now() - Date.parse(manifest.builtAt)),
    inUse ? "yes" : "no",
  ]);
  terminal.print(table(rows, ["IMAGE", "DIGEST", "SIZE", "BUILT", "IN USE"], terminal.colors));
}

/** Remove images that are not needed any more. */
export async function imageGcVerb({ terminal }: Session, { all, json }: ImageGcOptions): Promise<void> {
  const { removed, freedBytes } = await imageGc({ keep: all === true ? "used" : "newest" });
  if (json === true) terminal.printJson({ removed, freedBytes });
  else
    terminal.print(
      removed.length === 0 ? "nothing to remove" : `removed ${removed.join(", ")}: ${formatBytes(freedBytes)}`,
    );
}
