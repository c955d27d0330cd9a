import { describeError } from "../../error/kestrel-error.ts";
import { imageList } from "../../image/index.ts";
import { formatBytes } from "../quantities.ts";
import type { Check } from "./check.ts";

/** The image that all our own node kinds boot from. */
const baseImage = "base";

/** Whether the base image is built. */
export async function checkImage(): Promise<Check> {
  const fix = "nothing, the first `kestrel up` builds it; or now: kestrel image build";
  try {
    const found = (await imageList()).find(({ name }) => name === baseImage);
    if (found === undefined) return { name: "image", verdict: "warning", found: `${baseImage} is not built yet`, fix };
    return {
      name: "image",
      verdict: "ok",
      found: `${baseImage} ${found.digest.slice(0, 12)}, ${formatBytes(found.size)}`,
    };
  } catch (error) {
    return { name: "image", verdict: "warning", found: describeError(error), fix: "kestrel image build" };
  }
}
