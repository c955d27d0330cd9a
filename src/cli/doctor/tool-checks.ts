import { describeError } from "../../error/kestrel-error.ts";
import { nativeProgramsAreBuilt } from "../../guest/index.ts";
import { locateTool, type Tool, type ToolName, type ToolUse, tools } from "../../host/index.ts";
import type { Check, Verdict } from "./check.ts";

/**
 * Whether the programs that Kestrel calls are there and new enough.
 *
 * @param imageIsThere - what is needed only to build images is then not missed before the image changes
 * @param searchPath - directories separated by colons
 */
export async function checkTools(imageIsThere: boolean, searchPath?: string): Promise<readonly Check[]> {
  const names = (Object.keys(tools) as ToolName[]).filter((name) => concernsUsers((tools[name] as Tool).use));
  return Promise.all(names.map((name) => checkTool(name, imageIsThere, searchPath)));
}

async function checkTool(name: ToolName, imageIsThere: boolean, searchPath: string | undefined): Promise<Check> {
  const tool: Tool = tools[name];
  try {
    const { path, version } = await locateTool(name, searchPath);
    return { name: tool.command, verdict: "ok", found: version === undefined ? path : `${path}, version ${version}` };
  } catch (error) {
    return {
      name: tool.command,
      verdict: weight(tool, imageIsThere),
      found: describeError(error).split("\n")[0] ?? "",
      fix: `install ${tool.debianPackage}, to ${tool.purpose}`,
      packages: [tool.debianPackage],
    };
  }
}

function concernsUsers(use: ToolUse): boolean {
  return use !== "test" && (use !== "compile" || !nativeProgramsAreBuilt());
}

function weight({ use }: Tool, imageIsThere: boolean): Verdict {
  if (use === "run" || use === "compile") return "problem";
  return use === "build" && !imageIsThere ? "problem" : "warning";
}
