import jsdoc from "eslint-plugin-jsdoc";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * Which folders of src/ each folder may import: knowledge flows one way (docs/architecture.md).
 * A folder that is not listed as a value may not be imported.
 */
const layers: Record<string, readonly string[]> = {
  error: [],
  text: [],
  packet: [],
  channel: ["error"],
  document: ["error"],
  host: ["error"],
  netdev: ["packet"],
  p4: ["packet", "netdev"],
  stack: ["error", "text", "packet", "netdev", "p4"],
  topology: ["error", "document", "text"],
  image: ["error", "document", "host"],
  wire: ["error", "channel", "packet", "host", "topology"],
  guest: ["error", "channel", "host", "netdev", "packet", "p4"],
  machine: ["error", "host", "image"],
  testbed: ["error", "channel", "host", "topology", "image", "machine", "wire", "guest", "packet"],
  rack: ["error", "text", "document", "host", "topology", "wire", "guest", "testbed", "packet", "stack", "p4"],
  flow: ["error", "channel", "host", "topology", "wire", "guest", "testbed", "packet", "rack"],
  bench: [
    "error",
    "channel",
    "host",
    "topology",
    "image",
    "machine",
    "wire",
    "guest",
    "testbed",
    "packet",
    "netdev",
    "p4",
    "flow",
    "rack",
    "stack",
    "tui",
  ],
  tui: ["error", "text", "host", "topology", "wire", "guest", "testbed", "packet", "flow", "rack"],
  cli: [
    "error",
    "channel",
    "document",
    "host",
    "topology",
    "image",
    "machine",
    "wire",
    "guest",
    "testbed",
    "packet",
    "flow",
    "bench",
    "p4",
    "text",
    "rack",
    "tui",
  ],
};

const folders = Object.keys(layers).join("|");

/** What a folder may not import, as a pattern of the lint rule. */
function layerPattern(folder: string): { regex: string; message: string } {
  const allowed = layers[folder] ?? [];
  return {
    regex: `^(\\.\\./)+(?!(${[folder, ...allowed].join("|")})/)(${folders})/`,
    message: `src/${folder} may import only from: ${allowed.join(", ") || "itself"} (docs/architecture.md)`,
  };
}

const layerRules = Object.keys(layers).map((folder) => ({
  files: [`src/${folder}/**/*.ts`, `src/${folder}/**/*.tsx`],
  rules: {
    "no-restricted-imports": ["error" as const, { patterns: [layerPattern(folder)] }] satisfies [string, unknown],
  },
}));

export default defineConfig(
  { ignores: ["dist/", "node_modules/", "coverage/"] },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // `import { type X }` still loads the module at run time; `import type { X }` does not.
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      eqeqeq: "error",
    },
  },
  {
    files: ["src/**/*.ts", "src/**/*.tsx"],
    plugins: { jsdoc },
    rules: {
      "jsdoc/require-jsdoc": [
        "error",
        { publicOnly: true, require: { ClassDeclaration: true, FunctionDeclaration: true, MethodDefinition: false } },
      ],
    },
  },
  ...layerRules,
  {
    // Clones share the state of every generator that is not the testbed's, and engines get their time from outside.
    files: ["src/stack/**/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["randomBytes", "randomInt", "randomUUID", "getRandomValues", "randomFillSync"].map((property) => ({
          property,
          message: "draw from randomSource (src/stack/daemon/random.ts)",
        })),
        { object: "Math", property: "random", message: "draw from randomSource (src/stack/daemon/random.ts)" },
      ],
    },
  },
  {
    files: ["src/stack/**/engine/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", "setTimeout", "setInterval", "performance", "Date", "process"],
      "no-restricted-imports": [
        "error",
        { patterns: [layerPattern("stack"), { regex: "^node:", message: "an engine is pure: no I/O" }] },
      ],
    },
  },
  {
    // A compiler asks unions of dozens of node kinds about a few of them: there a default is an answer for the rest.
    files: ["src/p4/**/*.ts"],
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  // Tool configuration files are the one place where the tools themselves demand a default export.
  { files: ["*.config.ts"], rules: { "no-restricted-exports": "off" } },
);
