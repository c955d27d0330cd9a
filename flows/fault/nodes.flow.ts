import { describe, expect, test } from "vitest";
import {
  clockStep,
  daemonFrozen,
  daemonKilled,
  daemonStopped,
  during,
  type FlowTestbed,
  inTurn,
  killed,
  paused,
  powerCycled,
  testbed,
} from "../../src/index.ts";

function routed(): Promise<FlowTestbed> {
  return testbed("routed");
}

async function pings(bed: FlowTestbed): Promise<boolean> {
  const target = bed.port("h2:net0").ipv6;
  return (await bed.node("h1").exec(["ping", "-6", "-q", "-c", "1", "-W", "1", target])).exitCode === 0;
}

/** A neighbour that could not be resolved while something was broken is asked for again. */
async function untilPings(bed: FlowTestbed): Promise<void> {
  await bed.node("h1").until(`ping -6 -q -c 1 -W 1 ${bed.port("h2:net0").ipv6}`);
}

async function stateOf(bed: FlowTestbed, node: string): Promise<string> {
  return (await bed.testbed.node(node).status()).state;
}

test("a paused router forwards nothing, and goes on where it stood", async () => {
  await using bed = await routed();
  const boot = () =>
    bed
      .node("r1")
      .handle.status()
      .then(({ pid }) => pid);
  const before = await boot();
  await bed.whileBroken(paused("r1"), async () => {
    expect(await stateOf(bed, "r1")).toBe("paused");
    expect(await pings(bed)).toBe(false);
  });
  await untilPings(bed);
  expect(await boot()).toBe(before);
});

test("a killed router is gone, and starts again when healed", async () => {
  await using bed = await routed();
  await bed.whileBroken(killed("r1"), async () => {
    expect(await stateOf(bed, "r1")).toBe("stopped");
    expect(await pings(bed)).toBe(false);
  });
  expect(await stateOf(bed, "r1")).toBe("ready");
  await untilPings(bed);
});

test("a power-cycled router starts anew, by itself", async () => {
  await using bed = await routed();
  await bed.node("r1").ask("touch /tmp/before");
  await using _fault = await bed.break(powerCycled("r1"));
  expect(await stateOf(bed, "r1")).toBe("ready");
  expect((await bed.node("r1").exec("test -e /tmp/before")).exitCode).toBe(1);
  await untilPings(bed);
});

test("faults come in turn, on the same machine too", async () => {
  await using bed = await routed();
  await bed.campaign(inTurn(during(paused("r1"), { durationMs: 300 }), during(killed("r1"), { durationMs: 300 })));
  expect(await stateOf(bed, "r1")).toBe("ready");
  await untilPings(bed);
});

test("the clock of a guest steps, forwards or backwards, and back", async () => {
  await using bed = await routed();
  /** Seconds by which the clock of h1 is ahead of this machine's: at least and at most, as it is read from afar. */
  const ahead = async () => {
    const [before, guest, after] = [Date.now(), Number(await bed.node("h1").ask("date +%s.%N")), Date.now()];
    return { least: guest - after / 1000, most: guest - before / 1000 };
  };
  const usual = await ahead();
  const expectStep = (seconds: number, { least, most }: typeof usual) => {
    const tolerance = 0.1;
    expect(most - usual.least).toBeGreaterThan(seconds - tolerance);
    expect(least - usual.most).toBeLessThan(seconds + tolerance);
  };
  for (const ms of [5000, -86_400_250]) {
    expectStep(ms / 1000, await bed.whileBroken(clockStep("h1", { ms }), ahead));
    expectStep(0, await ahead());
  }
});

describe("a daemon", () => {
  const port = 7007;
  const echo = (name: string) => ["socat", `TCP6-LISTEN:${port},fork,reuseaddr`, `SYSTEM:echo ${name} from $PWD`];

  /** What a client of the daemon on h1 is told within a second. */
  const answer = async (bed: FlowTestbed) =>
    (await bed.node("h1").exec(`socat -T1 - TCP6:[::1]:${port} </dev/null`, { timeoutMs: 1500 })).stdout.trim();

  const untilAnswers = (bed: FlowTestbed, text: string) =>
    bed.node("h1").until(`socat -T1 - TCP6:[::1]:${port} </dev/null | grep -qx '${text}'`);

  async function startService(bed: FlowTestbed, restart: "always" | "never"): Promise<void> {
    const { services } = await bed.node("h1").guest();
    await services.start({ name: "echo", command: echo("hello"), restart });
    await untilAnswers(bed, "hello from /root");
  }

  test("that is only a process is started again as it was started", async () => {
    await using bed = await routed();
    const command = ["setsid", "-f", ...echo("$GREETING")];
    await bed.node("h1").exec(command, { cwd: "/tmp", env: { GREETING: "hello" } });
    await untilAnswers(bed, "hello from /tmp");
    for (const broken of [daemonKilled, daemonStopped, daemonFrozen]) {
      await bed.whileBroken(broken("h1", { process: "socat" }), async () => {
        expect(await answer(bed), broken.name).toBe("");
      });
      await untilAnswers(bed, "hello from /tmp");
    }
    await bed.node("h1").ask("pkill socat");
  });

  test("is found by its PID file too", async () => {
    await using bed = await routed();
    const pidFile = "/run/iperf3.pid";
    const listens = "socat /dev/null TCP6:[::1]:5201";
    await bed.node("h1").ask(`iperf3 --server --daemon --pidfile ${pidFile}`);
    await bed.node("h1").until(listens);
    for (const broken of [daemonKilled, daemonStopped]) {
      await bed.whileBroken(broken("h1", { pidFile }), async () => {
        expect((await bed.node("h1").exec(listens)).exitCode, broken.name).toBe(1);
      });
      await bed.node("h1").until(listens);
    }
    await bed.node("h1").ask("pkill iperf3");
  });

  test("that is a service stays away while it is stopped, and runs again when healed", async () => {
    await using bed = await routed();
    await startService(bed, "always");
    for (const broken of [daemonStopped, daemonFrozen]) {
      await bed.whileBroken(broken("h1", { service: "echo" }), async () => {
        expect(await answer(bed), broken.name).toBe("");
      });
      await untilAnswers(bed, "hello from /root");
    }
    await (await bed.node("h1").guest()).services.stop("echo");
  });

  test("that is killed is started again by what keeps it, or when healed", async () => {
    await using bed = await routed();
    const { services } = await bed.node("h1").guest();
    const status = async () => (await services.list()).find(({ name }) => name === "echo");
    for (const restart of ["always", "never"] as const) {
      await startService(bed, restart);
      const before = await status();
      await bed.whileBroken(daemonKilled("h1", { service: "echo" }), async () => {
        if (restart === "always") await untilAnswers(bed, "hello from /root");
        else expect(await answer(bed)).toBe("");
      });
      await untilAnswers(bed, "hello from /root");
      expect((await status())?.pid).not.toBe(before?.pid);
    }
    await services.stop("echo");
  });

  test("that is not there is named with the nearest that is", async () => {
    await using bed = await routed();
    await startService(bed, "never");
    await expect(bed.break(daemonKilled("h1", { service: "eco" }))).rejects.toThrow(
      /service eco of h1: expected one of .*echo, found none of that name/,
    );
    await expect(bed.break(daemonKilled("h1", { process: "bgpd" }))).rejects.toThrow(
      "process bgpd of h1: expected a process that runs, found none",
    );
    await (await bed.node("h1").guest()).services.stop("echo");
  });
});
