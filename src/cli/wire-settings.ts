import { DocumentFaults, inspectValue } from "../document/index.ts";
import { cleanDirection, type DirectionSettings } from "../topology/direction-settings.ts";
import { resolveDeclared } from "../topology/impairments.ts";
import { impairmentsSchema, type ImpairmentsDeclaration } from "../topology/index.ts";
import { keyValues, wrongValue } from "./option-values.ts";

type SettingKey = keyof ImpairmentsDeclaration;

const fields: Readonly<Record<SettingKey, keyof DirectionSettings>> = {
  delay: "delayMicroseconds",
  jitter: "jitterMicroseconds",
  loss: "loss",
  duplicate: "duplicate",
  reorder: "reorder",
  corrupt: "corrupt",
  rate: "rateBitsPerSecond",
  mtu: "mtuBytes",
  queue: "queueBytes",
  cut: "cut",
};

/** The keys of `kestrel wire set`. */
export const settingKeys = Object.keys(fields) as readonly SettingKey[];

/**
 * What `delay=10ms loss=1% rate=none` changes: the words, units and faults are those of topology files.
 * `clean` stands for every setting as it is on a new wire.
 *
 * @throws DocumentFaults with everything that is wrong
 */
export function parseWireSettings(words: readonly string[]): Partial<DirectionSettings> {
  const expression = words.find((word) => word.includes("${"));
  if (expression !== undefined) throw wrongValue("wire setting", "a value, not an expression", expression);
  const clean = words.includes("clean") ? cleanDirection : {};
  const pairs = keyValues(
    words.filter((word) => word !== "clean"),
    "wire setting",
  );
  const removed = settingKeys
    .filter((key) => pairs[key] === "none")
    .map((key) => [fields[key], cleanDirection[fields[key]]] as const);
  const declared = Object.entries(pairs).filter(([key, value]) => value !== "none" || !(key in fields));
  const value = Object.fromEntries(declared.map(([key, text]) => [key, typed(key, text)]));
  const inspection = inspectValue(value, "wire settings", impairmentsSchema);
  if (inspection.faults.length > 0 || inspection.value === undefined) {
    throw new DocumentFaults("read the wire settings", inspection.faults);
  }
  const removals: Partial<DirectionSettings> = Object.fromEntries(removed);
  return { ...clean, ...removals, ...resolveDeclared(inspection.value) };
}

/** The command line has only texts; the schema wants the numbers and booleans of YAML. */
function typed(key: string, text: string): string | number | boolean {
  if (key === "cut" && (text === "true" || text === "false")) return text === "true";
  return key !== "queue" && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
