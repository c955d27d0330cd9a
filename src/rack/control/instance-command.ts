/** Where sled-agent has a directory for each light instance that runs, in every sled: `ID.INCARNATION`. */
const instanceDirectory = "/run/kestrel/instances";

/** All namespaces of the instance, and its root. */
const enter = `pid=$(cat ${instanceDirectory}/"$0".*/pid) || exit 1; exec nsenter -t "$pid" -m -u -i -n -p -r -w -- "$@"`;

/**
 * A command of a sled that runs `command` in the light instance of that identifier; as in `exec`, a text is for the shell.
 *
 * @param directory where it is run; the root of the instance unless given
 */
export function instanceCommand(
  id: string,
  command: string | readonly string[],
  directory?: string,
): readonly string[] {
  const words = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
  const there = directory === undefined ? words : ["/bin/sh", "-c", 'cd -- "$0" && exec "$@"', directory, ...words];
  return ["/bin/sh", "-c", enter, id, ...there];
}
