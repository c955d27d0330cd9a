/** The P4-16 compiler: text in, the JSON of BMv2 and diagnostics out. */
export { type Compilation, type CompileOptions, compileP4 } from "./compile.ts";
export { describeDiagnostic, type Diagnostic, type Severity } from "./diagnostics/diagnostics.ts";
export { SourceFile } from "./diagnostics/source-file.ts";
export type { Json } from "./emit/json.ts";
export { IncludeFolders, standardIncludes } from "./include-folders.ts";
export type { IncludeResolver } from "./preprocess/preprocess.ts";
export {
  buildP4Program,
  type BuiltProgram,
  type CompileFileOptions,
  compileP4File,
  programText,
  refusal,
} from "./compile-file.ts";
