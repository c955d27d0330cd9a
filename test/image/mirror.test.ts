import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { chooseMirror, sourceLines } from "../../src/image/mirror.ts";
import { scratch } from "../host/scratch.ts";

async function choose(
  files: Record<string, string>,
  fromRecipe?: string,
  environment: Record<string, string> = {},
): Promise<Awaited<ReturnType<typeof chooseMirror>>> {
  await using root = await scratch();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root.path, path)), { recursive: true });
    await writeFile(join(root.path, path), text);
  }
  return await chooseMirror(fromRecipe, environment, root.path);
}

const debian = { "etc/os-release": "NAME=Debian\nID=debian\n" };
const deb822 = [
  "Types: deb\nURIs: http://disabled.test/debian\nSuites: bookworm\nEnabled: no\n",
  "Types: deb\nURIs: http://near.test/debian\nSuites: bookworm bookworm-updates\nComponents: main\n",
  "Types: deb deb-src\nURIs: http://near.test/security\nSuites: bookworm-security\n",
].join("\n");

test("the mirror of a Debian host is used, in either style of its source lists", async () => {
  const near = { main: "http://near.test/debian", security: "http://near.test/security" };
  expect(await choose({ ...debian, "etc/apt/sources.list.d/debian.sources": deb822 })).toEqual(near);
  const oneLine = "# deb http://old.test/debian buster main\ndeb [arch=amd64] http://near.test/debian/ trixie main\n";
  expect(await choose({ ...debian, "etc/apt/sources.list": oneLine })).toEqual({ main: "http://near.test/debian/" });
});

test("Ubuntu's archive has no Debian: the choice is mmdebstrap's", async () => {
  const ubuntu = {
    "etc/os-release": "ID=ubuntu\nID_LIKE=debian\n",
    "etc/apt/sources.list": "deb http://u.test/ubuntu noble main\n",
  };
  expect(await choose(ubuntu)).toBeUndefined();
});

test("the image file overrides the host, and the environment overrides both", async () => {
  const files = { ...debian, "etc/apt/sources.list.d/debian.sources": deb822 };
  expect(await choose(files, "http://recipe.test/debian")).toEqual({ main: "http://recipe.test/debian" });
  const environment = { KESTREL_MIRROR: "http://env.test/debian", KESTREL_SECURITY_MIRROR: "http://env.test/sec" };
  expect(await choose(files, "http://recipe.test/debian", environment)).toEqual({
    main: "http://env.test/debian",
    security: "http://env.test/sec",
  });
});

test("source lines name the security suite only where there is one", () => {
  expect(sourceLines({ main: "http://a" }, "bookworm")).toEqual(["deb http://a bookworm main"]);
  expect(sourceLines({ main: "http://a", security: "http://b" }, "bookworm")).toContain(
    "deb http://b bookworm-security main",
  );
});
