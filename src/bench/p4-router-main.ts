import { Engine, loadProgram } from "../p4/switch/index.ts";
import { routedPacket, type RouterMatch, routerProgram, routerTable } from "./lpm-router.ts";

/*
 * One measurement of the P4 benchmark, in a process of its own so that no other program has shaped the compiled code:
 *   MATCH ENTRIES   prints {nsPerPacket, compileMs} as JSON
 */

const packetsPerRound = 500_000;
const rounds = 8;
const distinctPackets = 1024;
/** Ternary entries are spread over this many masks. */
const masks = 8;

const match = (process.argv[2] ?? "lpm") as RouterMatch;
const entries = Number(process.argv[3] ?? 1);

const startedAt = performance.now();
let sent = 0;
const engine = new Engine(loadProgram(routerProgram(match)), {
  send: () => {
    sent += 1;
  },
});
const compileMs = performance.now() - startedAt;
const packets = fillTable();
let nsPerPacket = Infinity;
for (let round = 0; round < rounds; round += 1) {
  const before = process.cpuUsage();
  sent = 0;
  for (let at = 0; at < packetsPerRound; at += 1) {
    const packet = packets[at % distinctPackets];
    if (packet !== undefined) engine.receive(0, packet, 0, packet.length, at);
  }
  const { user, system } = process.cpuUsage(before);
  if (sent !== packetsPerRound) throw new Error(`expected ${packetsPerRound} packets forwarded, found ${sent}`);
  // Processor time, and the best of the rounds: what else runs on this host is not the switch's doing.
  nsPerPacket = Math.min(nsPerPacket, ((user + system) * 1000) / packetsPerRound);
}
console.log(JSON.stringify({ nsPerPacket, compileMs }));

/** Fill the table; returns packets that hit entries spread over all of it. */
function fillTable(): readonly Buffer[] {
  const table = engine.state.tables.find(({ table: { name } }) => name === routerTable);
  if (table === undefined) throw new Error(`no table ${routerTable}`);
  const addresses: number[] = [];
  for (let at = 0; at < entries; at += 1) {
    // Addresses differ in their upper 24 bits, spread over the whole space.
    const address = (Math.imul(at, 0x9e3779b1) & 0xffff_ff00) >>> 0;
    addresses.push(address);
    const value = BigInt(address);
    const data = [1n, BigInt(at % 500)];
    if (match === "lpm") {
      table.add([{ kind: "lpm", value, prefixLength: 24 + (at % 9) }], "ipv4_forward", data, 0, 0);
    } else if (match === "range") {
      table.add([{ kind: "range", start: value, end: value + 255n }], "ipv4_forward", data, 1 + (at % 1000), 0);
    } else {
      const mask = BigInt((0xffff_ffff << (at % masks)) >>> 0);
      table.add([{ kind: "ternary", value, mask }], "ipv4_forward", data, 1 + (at % 1000), 0);
    }
  }
  return Array.from({ length: distinctPackets }, (_, at) =>
    routedPacket(addresses[Math.floor((at * addresses.length) / distinctPackets)] ?? 0),
  );
}
