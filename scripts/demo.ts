import { $ } from "zx";
import picocolors from "picocolors";
import { describeError } from "../src/error/kestrel-error.ts";
import { FlowTestbed } from "../src/flow/flow-testbed.ts";
import { followRecording } from "../src/flow/recording.ts";
import { ethernet, icmpv6, ipv6, packet, payload } from "../src/packet/index.ts";
import { listRuns, sweepDeadRuns, Testbed } from "../src/testbed/index.ts";

const name = "demo";
/** How long the answer to the packet may take, milliseconds. */
const patience = 5000;

const { bold, cyan, dim } = picocolors;

try {
  await launch();
  using testbed = await Testbed.connect(name);
  await showPacket(testbed);
  console.log(nextCommands());
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function launch(): Promise<void> {
  await sweepDeadRuns();
  if ((await listRuns()).some((run) => run.name === name && run.alive)) {
    console.log(`testbed ${name} is up already: using it`);
    return;
  }
  // Progress is on standard error; the next commands of `up` are left out in favour of those below.
  const quiet = $({ stdio: ["inherit", "ignore", "inherit"], nothrow: true });
  const { exitCode } = await quiet`bin/kestrel up topologies/routed.yaml --name ${name}`;
  if (exitCode !== 0) process.exit(exitCode);
}

/** Send an echo request from h1 across the router, and print what every wire carried until the reply is back. */
async function showPacket(testbed: Testbed): Promise<void> {
  const bed = new FlowTestbed(testbed, 0, () => Promise.resolve());
  const [h1, r1, h2] = [bed.port("h1:net0"), bed.port("r1:net0"), bed.port("h2:net0")];
  console.log(`\n${bold("An IPv6 echo request leaves h1:net0 for h2")}, and every wire is watched:\n`);
  await h1.send(
    packet(
      ethernet({ src: h1.mac, dst: r1.mac }),
      ipv6({ src: h1.ipv6, dst: h2.ipv6, hopLimit: 64 }),
      icmpv6({ message: "echo-request", identifier: 7, sequence: 1 }),
      payload("hello from kestrel"),
    ),
  );
  await replyAt(bed, await h1.watchedWire());
  console.log(String(await bed.trace()));
}

async function replyAt(bed: FlowTestbed, wire: string): Promise<void> {
  const query = { wiring: await bed.wiring(), wires: [wire], since: bed.cursor };
  const deadline = performance.now() + patience;
  for await (const batch of followRecording(bed.testbed.wires, query, { deadline: () => deadline })) {
    if (batch.some(({ packet: seen }) => seen.find("icmpv6")?.message === "echo-reply")) return;
  }
  throw new Error(
    `no echo reply came back to ${wire} within ${patience} ms; what the wires carried:\n${String(await bed.trace())}`,
  );
}

function nextCommands(): string {
  const commands = [
    ["bin/kestrel exec --testbed demo h1 -- ping -c 3 h2", "drive a real command"],
    ["bin/kestrel wire ls --testbed demo", "what each wire has carried"],
    ["bin/kestrel wire set --testbed demo h1:net0--r1:net0 delay=20ms loss=10%", "break something"],
    ["bin/kestrel wire capture --testbed demo -w demo.pcapng --include-recorded --duration 0", "for Wireshark"],
    ["bin/kestrel console --testbed demo r1", "the router's serial console"],
    ["npx vitest run --project flows flows/routed.flow.ts", "the same as tests"],
    ["bin/kestrel down --testbed demo", "take it down"],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    `\n${bold(`The testbed ${name} stays up.`)} Try:\n`,
    ...commands.map(([command, purpose]) => `  ${cyan(command.padEnd(width))}  ${dim(purpose)}`),
  ].join("\n");
}
