import { KestrelError } from "../../error/kestrel-error.ts";
import type { Testbed } from "../../testbed/testbed.ts";
import type { EndIndex, WireStatus } from "../../wire/protocol.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import { chosenDirection, type DirectionChoice, endText, findEnd, findWire } from "../wire-selection.ts";
import { parseWireSettings } from "../wire-settings.ts";
import { describeWires } from "./wire-list.ts";

/** Options of the verbs on one wire. */
export interface WireOptions extends TestbedOption, JsonOption {}
/** Options of the verbs on one wire or one direction of it. */
export interface DirectionOptions extends WireOptions, DirectionChoice {}
/** Options of `kestrel wire plug`. */
export interface PlugOptions extends WireOptions {
  readonly end?: "a" | "b";
}

/** Change what a wire does to frames. */
export async function wireSet(
  session: Session,
  name: string,
  words: readonly string[],
  options: DirectionOptions,
): Promise<void> {
  const settings = parseWireSettings(words);
  await change(session, name, options, (testbed, wire) =>
    testbed.wires.set(wire.name, settings, chosenDirection(options)),
  );
}

/** Take the carrier of a wire away, or give it back. */
export async function wireCarrier(
  session: Session,
  verb: "down" | "up",
  name: string,
  options: WireOptions,
): Promise<void> {
  await change(session, name, options, (testbed, wire) => testbed.wires[verb](wire.name));
}

/** Silence a wire, or end the silence. */
export async function wireSilence(
  session: Session,
  verb: "cut" | "mend",
  name: string,
  options: DirectionOptions,
): Promise<void> {
  await change(session, name, options, (testbed, wire) => testbed.wires[verb](wire.name, chosenDirection(options)));
}

/** Plug an end of a wire into a port. */
export async function wirePlug(session: Session, name: string, port: string, options: PlugOptions): Promise<void> {
  await change(session, name, options, async (testbed, wire) => {
    const { ports } = await testbed.wires.list();
    if (!ports.some((known) => known.name === port))
      throw noSuchPort(
        port,
        ports.map((known) => known.name),
      );
    await testbed.wires.attach(wire.name, options.end === undefined ? looseEnd(wire) : findEnd(wire, options.end), {
      port,
    });
  });
}

/** Pull whatever wire is in a port out of it. */
export async function wireUnplug(session: Session, port: string, options: WireOptions): Promise<void> {
  await change(session, port, options, (testbed, wire) => testbed.wires.detach(wire.name, findEnd(wire, port)));
}

/** Do something to a wire and show what it is like then. */
async function change(
  session: Session,
  name: string,
  options: WireOptions,
  act: (testbed: Testbed, wire: WireStatus) => Promise<void>,
): Promise<void> {
  const { terminal } = session;
  using testbed = await session.testbed(options);
  const before = findWire((await testbed.wires.list()).wires, name);
  await act(testbed, before);
  const after = findWire((await testbed.wires.list()).wires, before.name);
  if (options.json === true) terminal.printJson(after);
  else terminal.print(describeWires([after], terminal.colors));
}

function looseEnd(wire: WireStatus): EndIndex {
  const [a, b] = wire.ends;
  if (a === null && b !== null) return 0;
  if (b === null) return 1;
  throw new KestrelError({
    kind: "input",
    step: "plug the wire",
    subject: wire.name,
    expected: "a wire with a loose end, or --end a or --end b",
    found: `both ends are plugged in: a ${endText(a)}, b ${endText(b)}`,
  });
}

function noSuchPort(port: string, known: readonly string[]): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "plug the wire",
    subject: port,
    expected: `one of ${known.join(", ")}`,
    found: "no such port on the patch panel",
  });
}
