/**
 * A line of FRR's configuration with what it stands in, outermost first: `["router bgp 64500", "neighbor 192.0.2.2 remote-as 64501"]`.
 * The words are those in which `show running-config` has it, defaults left out.
 */
export type ConfigurationLine = readonly string[];

/** Beginnings of the lines that mgd says; what else a daemon has is left alone. */
const managed = [
  "router bgp ",
  "ip prefix-list ",
  "ipv6 prefix-list ",
  "bgp ",
  "route-map ",
  "bfd",
  "ip route ",
  "ipv6 route ",
];
/** Lines that something stands in. */
const contexts = ["router bgp ", "route-map ", "bfd", "address-family ", "peer "];
/** Those of them that are taken away as wholes. */
const removable = ["router bgp ", "route-map ", "peer "];

/** Read the output of `show running-config`: what of it mgd says. */
export function runningConfiguration(text: string): readonly ConfigurationLine[] {
  const lines: ConfigurationLine[] = [];
  const open: string[] = [];
  for (const each of text.split("\n")) {
    const line = each.trim();
    if (line === "" || line.startsWith("!") || line === "exit" || line === "exit-address-family" || line === "end") {
      continue;
    }
    const depth = each.length - each.trimStart().length;
    open.length = Math.min(depth, open.length);
    if (depth === 0 && !managed.some((begin) => line.startsWith(begin))) continue;
    if (depth > 0 && open.length === 0) continue;
    const whole = [...open, line];
    lines.push(whole);
    if (contexts.some((begin) => line.startsWith(begin))) open.push(line);
  }
  return lines;
}

/** A command of the configuration mode, and the lines in whose context it is given. */
export interface ConfigurationCommand {
  readonly context: ConfigurationLine;
  readonly command: string;
}

/**
 * Commands after which a daemon has `wanted` in the place of `present`; none if it has that already.
 * What is taken away goes first. A neighbour, a router or a route map that is wanted no more goes as a whole, and a line that another
 * value takes the place of is not taken away before.
 */
export function configurationChanges(
  wanted: readonly ConfigurationLine[],
  present: readonly ConfigurationLine[],
): readonly ConfigurationCommand[] {
  const key = (line: ConfigurationLine): string => line.join("\n");
  const wantedKeys = new Set(wanted.map(key));
  const presentKeys = new Set(present.map(key));
  const added = wanted.filter((line) => !presentKeys.has(key(line)) && !isContext(line));
  // Those without anything in them are made for their own sake.
  const addedContexts = wanted.filter((line) => !presentKeys.has(key(line)) && isContext(line));
  const removed = removals(
    present.filter((line) => !wantedKeys.has(key(line))),
    wanted,
  );
  const replacing = new Set(added.map(settingOf));
  return [
    ...removed
      .filter((line) => !replacing.has(settingOf(line)))
      .map((line) => ({ context: line.slice(0, -1), command: negated(line.at(-1) ?? "") })),
    ...[...addedContexts, ...added].map((line) => ({ context: line.slice(0, -1), command: line.at(-1) ?? "" })),
  ];
}

/** Of lines that are wanted no more those that take the others along. */
function removals(
  gone: readonly ConfigurationLine[],
  wanted: readonly ConfigurationLine[],
): readonly ConfigurationLine[] {
  const wantedNeighbours = new Set(wanted.map(neighbourOf));
  const whole: ConfigurationLine[] = [];
  const single: ConfigurationLine[] = [];
  for (const line of gone) {
    const last = line.at(-1) ?? "";
    if (isContext(line)) {
      if (removable.some((begin) => last.startsWith(begin))) whole.push(line);
      continue;
    }
    const neighbour = neighbourOf(line);
    if (neighbour === undefined || wantedNeighbours.has(neighbour)) single.push(line);
    else if (/^neighbor \S+ (?:interface )?remote-as /.test(last)) whole.push(line);
  }
  const wholeKeys = whole.filter(isContext).map((line) => `${line.join("\n")}\n`);
  return [...single, ...whole].filter(
    (line) => !wholeKeys.some((key) => line.join("\n").startsWith(key) && line.join("\n") !== key),
  );
}

function isContext(line: ConfigurationLine): boolean {
  const last = line.at(-1) ?? "";
  return contexts.some((begin) => last.startsWith(begin));
}

/** The BGP neighbour that a line is about, with its router. */
function neighbourOf(line: ConfigurationLine): string | undefined {
  const [, neighbour] = /^neighbor (\S+) /.exec(line.at(-1) ?? "") ?? [];
  return neighbour === undefined ? undefined : `${String(line[0])} ${neighbour}`;
}

/** Settings of which there is one: what of such a line says which. */
const single = [
  /^neighbor \S+ (?:interface )?remote-as/,
  /^neighbor \S+ timers connect/,
  /^neighbor \S+ timers delayopen/,
  /^neighbor \S+ timers/,
  /^neighbor \S+ (?:password|bfd|ttl-security)/,
  /^neighbor \S+ (?:prefix-list|route-map|filter-list) \S+ (?=in$|out$)/,
  /^bgp (?:router-id|route-map delay-timer)/,
  /^maximum-paths/,
  /^(?:detect-multiplier|receive-interval|transmit-interval)/,
  /^set (?:community|metric|local-preference)/,
  /^ip(?:v6)? prefix-list \S+ seq \d+/,
] as const;

/** What a line sets: lines that set the same take each other's place. */
function settingOf(line: ConfigurationLine): string {
  const last = line.at(-1) ?? "";
  const found = single.map((pattern) => pattern.exec(last)?.[0]).find((match) => match !== undefined);
  // Of a filter the direction counts, and not its name.
  const direction = /^neighbor (\S+) (prefix-list|route-map|filter-list) \S+ (in|out)$/.exec(last);
  const setting = direction === null ? (found ?? last) : direction.slice(1).join(" ");
  return [...line.slice(0, -1), setting].join("\n");
}

function negated(line: string): string {
  const [, neighbour, by] = /^neighbor (\S+) (interface )?remote-as /.exec(line) ?? [];
  if (neighbour !== undefined)
    return by === undefined ? `no neighbor ${neighbour}` : `no neighbor ${neighbour} interface`;
  return line.startsWith("no ") ? line.slice("no ".length) : `no ${line}`;
}
