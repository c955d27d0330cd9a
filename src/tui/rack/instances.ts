import { type Line, line, type Role, span } from "../line/line.ts";
import type { BedView } from "../model/bed.ts";
import type { InstanceView } from "../model/public-api.ts";

/** The instances that are on a node. */
export function instancesOn({ instances = [] }: BedView, node: string): readonly InstanceView[] {
  return instances.filter(({ sled }) => sled === node);
}

/** A sign for the state of an instance, and its colour. */
export function instanceSign(state: string): { readonly sign: string; readonly role: Role } {
  if (state === "running") return { sign: "●", role: "good" };
  if (state === "stopped" || state === "destroyed") return { sign: "■", role: "warning" };
  return state === "failed" ? { sign: "✖", role: "bad" } : { sign: "◐", role: "busy" };
}

/** The instances of a sled as a row in its box: as many as fit, and how many more there are. */
export function instanceRow(instances: readonly InstanceView[], width: number): string {
  const labels = instances.map(({ name, state }) => `${instanceSign(state).sign}${name}`);
  const all = labels.join(" ");
  if (all.length <= width) return all;
  for (let count = labels.length - 1; count > 0; count -= 1) {
    const text = `${labels.slice(0, count).join(" ")} +${labels.length - count}`;
    if (text.length <= width) return text;
  }
  return `+${labels.length}`;
}

/** Every instance of a sled on a line of its own. */
export function instanceLines(instances: readonly InstanceView[]): readonly Line[] {
  if (instances.length === 0) return [];
  return [
    line(span("instances", "muted")),
    ...instances.map(({ name, project, state, addresses }) => {
      const { sign, role } = instanceSign(state);
      return line(
        span(`  ${sign} `, role),
        span(`${project}/${name}`),
        span(` ${state}  `, role),
        span(addresses.join(" ")),
      );
    }),
  ];
}
