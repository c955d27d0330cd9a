import { type Guest, httpGet } from "../../guest/index.ts";
import { daemonPorts, type PeersAnswer, peerView } from "../../rack/index.ts";
import type { FactTable, NodeFacts } from "../model/node.ts";
import { type OptedAnswers, optedQuestion, optePorts, wantedPaths } from "./opte-ports.ts";

/** Milliseconds that a node may take to say something about itself. */
const answerMs = 5000;

const separator = "@@kestrel@@";

/**
 * What is asked in one command, since each costs an emulated machine dearly. What a node does not have prints nothing, and is
 * left out.
 */
const questions = [
  "head -1 /proc/stat",
  "cat /proc/meminfo",
  "cat /proc/loadavg",
  "ip -j -4 route show 2>/dev/null",
  "ip -j -6 route show 2>/dev/null",
];

/**
 * Ask a node about itself. What it cannot say stays undefined.
 *
 * @param earlier - what opted of that node answered the last time: what is asked of it again is asked at once
 */
export async function askNode(
  guest: Guest,
  earlier: OptedAnswers = new Map(),
): Promise<{ readonly facts: NodeFacts; readonly opted: OptedAnswers }> {
  const paths = wantedPaths(earlier);
  const [asked, listed, peers] = await Promise.allSettled([
    askAll(guest, [...questions, ...paths.map(optedQuestion)]),
    guest.services.list(),
    httpGet(guest, { ...daemonPorts.ddmd, path: "/peers" }, AbortSignal.timeout(answerMs)),
  ]);
  if (asked.status === "rejected") throw asked.reason;
  const [stat = "", meminfo = "", loadavg = "", ipv4 = "", ipv6 = "", ...told] = asked.value;
  const opted = await completed(guest, new Map(paths.map((path, index) => [path, parsed(told[index] ?? "")])));
  const facts: NodeFacts = {
    node: guest.node,
    jiffies: jiffiesOf(stat),
    cpu: undefined,
    memory: memoryOf(meminfo),
    load: loadavg.split(" ").slice(0, 3).join(" ") || undefined,
    routes: routesOf(ipv4, ipv6),
    services: listed.status === "fulfilled" ? listed.value : undefined,
    optePorts: optePorts(opted),
    tables: [peersTable(peers.status === "fulfilled" ? peers.value.body : "")].filter((table) => table !== undefined),
  };
  return { facts, opted };
}

/** The answers of opted with those that they show to be missing. */
async function completed(guest: Guest, answers: OptedAnswers): Promise<OptedAnswers> {
  const missing = wantedPaths(answers).filter((path) => !answers.has(path));
  if (missing.length === 0) return answers;
  const told = await askAll(guest, missing.map(optedQuestion));
  return completed(guest, new Map([...answers, ...missing.map((path, at) => [path, parsed(told[at] ?? "")] as const)]));
}

async function askAll(guest: Guest, all: readonly string[]): Promise<readonly string[]> {
  const command = all.map((question) => `${question}; echo; echo ${separator}`).join("; ");
  const { stdout } = await guest.exec(command, { timeoutMs: answerMs });
  return stdout.split(`${separator}\n`).map((answer) => answer.trim());
}

/** proc(5), /proc/stat: user nice system idle iowait irq softirq steal. */
export function jiffiesOf(stat: string): NodeFacts["jiffies"] {
  const numbers = stat.split(/\s+/).slice(1, 9).map(Number);
  if (!stat.startsWith("cpu ") || numbers.length < 5 || numbers.some(Number.isNaN)) return undefined;
  const all = numbers.reduce((sum, each) => sum + each, 0);
  return { all, busy: all - (numbers[3] ?? 0) - (numbers[4] ?? 0) };
}

/** proc(5), /proc/meminfo. */
export function memoryOf(meminfo: string): NodeFacts["memory"] {
  const value = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1]);
  const [totalKiB, available] = [value("MemTotal"), value("MemAvailable")];
  return Number.isNaN(totalKiB) || Number.isNaN(available) ? undefined : { totalKiB, usedKiB: totalKiB - available };
}

interface Route {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly via?: { readonly host: string };
  readonly protocol?: string;
  readonly nexthops?: readonly { readonly gateway?: string; readonly dev?: string }[];
}

/** Routes as people write them, from what `ip -j route` printed; undefined when it printed nothing. */
export function routesOf(...answers: readonly string[]): readonly string[] | undefined {
  const tables = answers.map((answer) => parsed(answer)).filter((table): table is Route[] => Array.isArray(table));
  if (tables.length === 0) return undefined;
  return tables.flat().map(({ dst, gateway, dev, via, protocol, nexthops = [] }) => {
    const hop = (to: string | undefined, out: string | undefined): string =>
      `${to === undefined ? "" : ` via ${to}`}${out === undefined ? "" : ` dev ${out}`}`;
    const ways =
      nexthops.length === 0
        ? hop(gateway ?? via?.host, dev)
        : nexthops.map((each) => hop(each.gateway, each.dev)).join(" |");
    return `${dst}${ways}${protocol === undefined || protocol === "kernel" ? "" : ` (${protocol})`}`;
  });
}

/** What ddmd answers when it is asked for its peers; undefined when it is not there. */
export function peersTable(answer: string): FactTable | undefined {
  const peers = parsed(answer) as PeersAnswer | undefined;
  if (peers === undefined) return undefined;
  return {
    title: "DDM peers",
    rows: Object.values(peers).map((peer) => ({ interface: peer.interface, ...peerView(peer) })),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
