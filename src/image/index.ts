export { imageBuild, type ImageBuildOptions } from "./build.ts";
export { dataDisk } from "./data-disk.ts";
export { type Image, ImageCache } from "./image-cache.ts";
export { imageGc, type ImageGcOptions, type ImageGcResult, imageList, type ImageListing } from "./image-store.ts";
export { type StackFile } from "./initramfs.ts";
export { composeInitrd } from "./initrd.ts";
export { type Manifest } from "./manifest.ts";
export { type ImageProgress, type ImageStep, type OnImageProgress } from "./progress.ts";
export { type ImageRecipe, imageRecipeSchema, imagesDirectory } from "./recipe.ts";
