import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ReadyFact } from "../../src/guest/index.ts";
import { AgentProcess, namespacesWork } from "./agent-process.ts";
import { faultOf } from "./fault-of.ts";

const timeout = 60_000;

describe.skipIf(!namespacesWork)("facts, connections and services of a node", () => {
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await AgentProcess.start({
      // An address that is a neighbour's, who never answers: connecting there takes minutes to fail.
      setUp: `ip link add silent type dummy 2>/dev/null || ip link add silent type veth peer name other
ip link set silent up; ip link set other up 2>/dev/null || true
ip address add 10.66.0.1/24 dev silent
ip neighbour add 10.66.0.9 lladdr 02:00:00:00:00:09 dev silent`,
    });
  }, 90_000);
  afterAll(() => agent[Symbol.asyncDispose]());
  // A handle that is being closed still counts.
  afterEach(async () => {
    await expect.poll(() => agent.connection.request("resources"), { timeout: 20_000 }).toEqual([]);
    expect(agent.console).not.toContain("uncaught");
  });

  const server = `require("node:net").createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(7000, "127.0.0.1")`;
  const startServer = async (): Promise<void> => {
    await agent.guest.services.start({ name: "echo", command: [process.execPath, "-e", server], restart: "never" });
    await agent.guest.ready({ type: "tcp", address: "127.0.0.1", port: 7000, timeoutMs: 30_000 });
  };

  test("facts that come are waited for", { timeout }, async () => {
    const path = `${agent.directory}/fact`;
    const facts: ReadyFact[] = [
      { type: "file", path, timeoutMs: 30_000 },
      { type: "command", command: `test -e ${path}`, timeoutMs: 30_000 },
    ];
    const waiting = Promise.all(facts.map((fact) => agent.guest.ready(fact)));
    await agent.guest.exec(["touch", path]);
    await waiting;
    // What a command leaves in the background holds nothing up.
    await agent.guest.ready({ type: "command", command: "sleep 1000 & exit 0", timeoutMs: 30_000 });
  });

  const hopeless: readonly (readonly [string, ReadyFact, string])[] = [
    ["a file", { type: "file", path: "/run/never", timeoutMs: 120 }, "ENOENT"],
    ["a command", { type: "command", command: "echo not yet >&2; exit 3", timeoutMs: 5_000 }, "exit code 3, not yet"],
    ["a command that hangs", { type: "command", command: "sleep 2345", timeoutMs: 200 }, "it was still running"],
    ["a closed port", { type: "tcp", address: "127.0.0.1", port: 7999, timeoutMs: 120 }, "ECONNREFUSED"],
    ["a silent address", { type: "tcp", address: "10.66.0.9", port: 80, timeoutMs: 200 }, "no answer"],
  ];

  test.for(hopeless)("%s that does not come ends in time with what was found", { timeout }, async ([, fact, found]) => {
    const fault = await faultOf(agent.guest.ready(fact));
    expect(fault.kind).toBe("host");
    expect(fault.message).toContain(`within ${fact.timeoutMs / 1000} s`);
    expect(fault.message).toContain(found);
  });

  test.for(hopeless)("waiting for %s ends when it is given up", { timeout }, async ([, fact]) => {
    const giveUp = new AbortController();
    const waiting = agent.guest.ready({ ...fact, timeoutMs: 1_000_000 }, giveUp.signal);
    // The agent has begun by the time that it answers another call.
    await agent.connection.request("ping");
    giveUp.abort(new Error("given up"));
    await expect(waiting).rejects.toThrow("given up");
    // Nothing of it goes on in the node: afterEach looks at what the agent still waits for.
    await agent.guest.ready({ type: "command", command: "! pgrep -xf 'sleep 2345'", timeoutMs: 20_000 });
  });

  test("connections carry bytes both ways and close each way", { timeout }, async () => {
    await startServer();
    const connection = await agent.guest.connect(7000, "127.0.0.1");
    connection.end(Buffer.alloc(1_000_000, "k"));
    expect((await text(connection)).length).toBe(1_000_000);
    const dropped = await agent.guest.connect(7000, "127.0.0.1");
    dropped.destroy();
    const fault = await faultOf(agent.guest.connect(7999, "127.0.0.1"));
    expect(fault.message).toContain("127.0.0.1 port 7999");
    expect(fault.message).toContain("ECONNREFUSED");
    const given = agent.connection.open("connect", { port: 80, address: "10.66.0.9" });
    await agent.connection.request("ping");
    given.cancel();
    await expect(given.result).rejects.toThrow("it was given up");
    await agent.guest.services.stop("echo");
  });

  test("services are kept running, with all that they start, until they are stopped", { timeout }, async () => {
    const { services } = agent.guest;
    const command = ["sh", "-c", "echo begun; sleep 3456 & wait"];
    expect(await services.start({ name: "a", command, restart: "always" })).toMatchObject({ state: "running" });
    const first = (await services.list()).find(({ name }) => name === "a")?.pid ?? 0;
    await agent.guest.ready({ type: "command", command: "grep begun /var/log/kestrel/a.log", timeoutMs: 20_000 });
    await agent.guest.exec(`kill -KILL -${first}`);
    const again = "test $(grep -c begun /var/log/kestrel/a.log) -eq 2";
    await agent.guest.ready({ type: "command", command: again, timeoutMs: 20_000 });
    expect((await services.list()).find(({ name }) => name === "a")).toMatchObject({ state: "running", restarts: 1 });
    const stopped = await services.stop("a");
    expect(stopped).toMatchObject({ state: "stopped", pid: null, exit: { signal: "SIGTERM" } });
    await agent.guest.ready({ type: "command", command: "! pgrep -xf 'sleep 3456'", timeoutMs: 20_000 });
    expect(await text(agent.guest.logs({ service: "a" }))).toBe("begun\nbegun\n");

    expect(await services.start({ name: "b", command: ["no-such-daemon"], restart: "always" })).toMatchObject({
      state: "failed",
    });
    const fault = await faultOf(services.stop("c"));
    expect(fault.message).toContain("expected one of echo, a, b");
    await services.stop("b");
  });

  test("logs are followed until nobody reads them", { timeout }, async () => {
    const { services } = agent.guest;
    const log = "/var/log/kestrel/talker.log";
    await services.start({ name: "talker", command: ["sh", "-c", "echo one; exec sleep 1000"], restart: "never" });
    await agent.guest.ready({ type: "command", command: `grep one ${log}`, timeoutMs: 20_000 });
    const lines = agent.guest.logs({ service: "talker", follow: true });
    const chunks = lines.iterator() as AsyncIterator<Buffer>;
    expect(String((await chunks.next()).value)).toBe("one\n");
    await agent.guest.exec(`echo two >> ${log}`);
    expect(String((await chunks.next()).value)).toBe("two\n");
    lines.destroy();
    await agent.guest.ready({ type: "command", command: "! pgrep -x tail", timeoutMs: 20_000 });
    await services.stop("talker");
  });
});
