import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { buildStackBundle } from "../../src/guest/index.ts";
import { AgentProcess, namespacesWork } from "./agent-process.ts";

const timeout = 60_000;

const daemon = `
import { setInterval } from "node:timers";
console.log(JSON.stringify({ argv: process.argv.slice(2), word: process.env.WORD, home: process.env.HOME, old: process.env.OLD }));
setInterval(() => undefined, 1000);
`;

test.skipIf(!namespacesWork)("a parked Node.js becomes the first daemon that may be it", { timeout }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-boot-"));
  try {
    const { files } = await buildStackBundle();
    const runtime = join(directory, "runtime.mjs");
    await writeFile(runtime, files.find(({ path }) => path === "runtime.js")?.content ?? "");
    const [first, second] = [join(directory, "first.mjs"), join(directory, "second.mjs")];
    await writeFile(first, daemon);
    await copyFile(first, second);
    const boot = {
      services: [
        {
          name: "runtime",
          command: [process.execPath, runtime, "park"],
          restart: "never",
          parked: "any",
          env: { OLD: "1" },
        },
      ],
      readiness: [{ file: "/run/kestrel/runtime.parked" }],
    };
    await writeFile(join(directory, "boot.json"), JSON.stringify(boot));
    await using agent = await AgentProcess.start({
      setUp: `mkdir -p /etc/kestrel; cp ${directory}/boot.json /etc/kestrel/boot.json`,
    });
    const { services } = agent.guest;
    const [parked] = await services.list();
    expect(parked).toMatchObject({ name: "runtime", state: "running" });

    const request = { restart: "never", parked: true, env: { WORD: "now" } } as const;
    const taken = await services.start({ name: "first", command: ["node", first, "a", "b"], ...request });
    expect(taken).toMatchObject({ name: "first", state: "running", pid: parked?.pid });
    expect((await services.list()).map(({ name }) => name)).toEqual(["first"]);
    const says = (name: string): Promise<void> =>
      agent.guest.ready({ type: "command", command: `grep -q word /var/log/kestrel/${name}.log`, timeoutMs: 20_000 });
    await says("first");
    expect(JSON.parse(await text(agent.guest.logs({ service: "first" })))).toEqual({
      argv: ["a", "b"],
      word: "now",
      home: "/root",
    });

    // There is no other one: the next is started as any daemon is.
    const started = await services.start({ name: "second", command: [process.execPath, second], ...request });
    expect(started).toMatchObject({ state: "running" });
    expect(started.pid).not.toBe(parked?.pid);
    await says("second");
    const again = await services.restart("first");
    expect(again.pid).not.toBe(parked?.pid);
    await Promise.all([services.stop("first"), services.stop("second")]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

const program = `
let prepared = "nothing";
export async function prepare(argv) { prepared = argv.join(" "); }
export async function main(argv) {
  console.log(JSON.stringify({ prepared, argv, pid: process.pid, word: process.env.WORD }));
  if (argv.includes("fail")) throw Object.assign(new Error("serve: no port"), { explanation: { kind: "input", step: "serve", found: "no port" } });
  setInterval(() => undefined, 1000);
}
`;

test.skipIf(!namespacesWork)("a daemon is the process that was parked for it, once", { timeout }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-boot-"));
  try {
    const { files } = await buildStackBundle();
    await writeFile(join(directory, "runtime.js"), files.find(({ path }) => path === "runtime.js")?.content ?? "");
    await writeFile(join(directory, "package.json"), '{"type":"module"}');
    for (const name of ["one", "two"]) await writeFile(join(directory, `${name}.js`), program);
    const node = [process.execPath, "--no-memory-reducer", "/opt/kestrel/runtime.js"];
    const park = (name: string) => ({
      name,
      command: [...node, "park", name, "in", name],
      restart: "never",
      parked: "own",
    });
    const boot = {
      services: [park("one"), park("two")],
      readiness: [{ file: "/run/kestrel/one.parked" }, { file: "/run/kestrel/two.parked" }],
    };
    await writeFile(join(directory, "boot.json"), JSON.stringify(boot));
    await using agent = await AgentProcess.start({ setUp: `cp -r ${directory} /opt/kestrel` });
    const { services } = agent.guest;
    const parked = new Map((await services.list()).map(({ name, pid }) => [name, pid]));
    const request = (name: string, ...argv: string[]) => ({
      name,
      command: [...node, "run", name, ...argv],
      parked: true,
    });
    const said = async (name: string, lines: number): Promise<readonly string[]> => {
      const command = `test $(wc -l </var/log/kestrel/${name}.log) -ge ${lines}`;
      await agent.guest.ready({ type: "command", command, timeoutMs: 20_000 });
      return (await text(agent.guest.logs({ service: name }))).trimEnd().split("\n");
    };

    const taken = await services.start({ ...request("two", "a"), restart: "always", env: { WORD: "now" } });
    expect(taken).toMatchObject({ name: "two", state: "running", pid: parked.get("two") });
    const [first = ""] = await said("two", 1);
    expect(JSON.parse(first)).toMatchObject({ prepared: "in two", argv: ["a"], word: "now" });

    // It starts anew, unprepared, when it has died; the other one still waits.
    await agent.guest.exec(["kill", "-KILL", String(taken.pid)]);
    const [, second = ""] = await said("two", 2);
    expect(JSON.parse(second)).toMatchObject({ prepared: "nothing", argv: ["a"], word: "now" });
    expect((await services.list()).find(({ name }) => name === "one")).toMatchObject({ pid: parked.get("one") });

    // A mistake of the user's is told in words, and ends it with the exit code of its kind.
    await services.start({ ...request("one", "fail"), restart: "never" });
    expect((await said("one", 2))[1]).toBe("serve: no port");
    await agent.guest.ready({ type: "command", command: `! kill -0 ${parked.get("one") ?? ""}`, timeoutMs: 20_000 });
    expect((await services.list()).find(({ name }) => name === "one")).toMatchObject({
      state: "failed",
      exit: { exitCode: 2 },
    });
    await services.stop("two");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
