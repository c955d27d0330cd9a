import { nodeCommand } from "./node-command.ts";
import { stackProgram } from "./stack-programs.ts";

/** A process that the agent starts before the machine is frozen. */
interface BootService {
  readonly name: string;
  readonly command: readonly string[];
  readonly restart: "never";
  /**
   * It waits on its standard input to be told which daemon to be: `own`, the one of its name; `any`, the first that may
   * be run by it.
   */
  readonly parked?: "own" | "any";
}

/** What the agent does before the machine is frozen, besides what the image says: `boot.json` of the bundle. */
export interface BootFile {
  readonly services: readonly BootService[];
  /** Files that must be there. */
  readonly readiness: readonly { readonly file: string }[];
}

/** What the boot of a node depends on. */
export interface BootContents {
  readonly daemons: readonly string[];
  /** They are found like any other command. */
  readonly commands: readonly string[];
  readonly modules: readonly string[];
}

/** Where the bundle is in a node. */
export const stackDirectory = "/opt/kestrel";

const stateDirectory = "/run/kestrel";
const setUpDone = `${stateDirectory}/set-up.done`;

/**
 * The boot of nodes with these daemons: a Node.js for each that has loaded it and done what it may do in advance; where
 * there is none, one for whatever daemon comes. Starting one takes a second of emulated time.
 */
export function bootFile({ daemons, commands, modules }: BootContents): BootFile {
  const parked: readonly BootService[] =
    daemons.length === 0
      ? [{ name: "runtime", command: [...nodeCommand(), "park"], restart: "never", parked: "any" }]
      : daemons.map((name) => ({
          name,
          command: [...nodeCommand(name), "park", name, ...stackProgram(name).prepare],
          restart: "never",
          parked: "own",
        }));
  const readiness = parked.map(({ name }) => ({ file: `${stateDirectory}/${name}.parked` }));
  const steps = [
    ...(modules.length === 0 ? [] : [`modprobe -a ${modules.join(" ")}`]),
    ...commands.map((name) => `ln -sf ${stackDirectory}/bin/${name} /usr/local/bin/`),
  ];
  if (steps.length === 0) return { services: parked, readiness };
  const script = [`mkdir -p -m 700 ${stateDirectory}`, ...steps, `: >${setUpDone}`].join(" && ");
  return {
    services: [{ name: "set-up", command: ["/bin/sh", "-c", script], restart: "never" }, ...parked],
    readiness: [{ file: setUpDone }, ...readiness],
  };
}
