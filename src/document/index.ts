export { DocumentFaults, describeFault, formatPath, type DocumentFault, type DocumentPath } from "./document-fault.ts";
export { type EntryPart } from "./document-source.ts";
export { type Inspection } from "./inspection.ts";
export { nameHint, nearestName } from "../error/nearest-name.ts";
export {
  inspectText,
  inspectValue,
  parseDocument,
  readDocument,
  readDocumentText,
  type Document,
  type DocumentText,
} from "./read-document.ts";
