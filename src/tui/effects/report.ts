import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Outcomes } from "./services.ts";

/** Open the report of a bundle in a browser where there is a screen for one; else say where it is. */
export function openReport(bundle: string, { dispatch }: Outcomes): void {
  const report = join(bundle, "report.html");
  const say = (text: string): void => {
    dispatch({ type: "notice", kind: "done", text });
  };
  const hasScreen = (process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"] ?? "") !== "";
  if (!hasScreen) {
    say(`the report is ${report}`);
    return;
  }
  const child = spawn("xdg-open", [report], { stdio: "ignore", detached: true });
  child.once("error", () => {
    say(`the report is ${report}`);
  });
  child.once("spawn", () => {
    child.unref();
    say(`opened ${report}`);
  });
}
