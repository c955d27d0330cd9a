import { deleteProject as deleteWithVpcs, NexusClient, projectNames } from "../../rack/index.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel rack project …`. */
export interface RackProjectOptions extends TestbedOption, JsonOption {}

/** Create a project; its VPC `default` comes with it. */
export async function createProject(session: Session, name: string, options: RackProjectOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const nexus = await NexusClient.of(testbed);
  const project = await nexus.send("POST", "/v1/projects", {}, { name, description: "" });
  if (options.json === true) session.terminal.printJson(project);
}

/** List the projects. */
export async function listProjects(session: Session, options: RackProjectOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const projects = await projectNames(await NexusClient.of(testbed));
  if (options.json === true) session.terminal.printJson({ projects: projects.map((name) => ({ name })) });
  else for (const name of projects) session.terminal.print(name);
}

/** Delete a project without instances, with its VPCs. */
export async function deleteProject(session: Session, name: string, options: RackProjectOptions): Promise<void> {
  using testbed = await session.testbed(options);
  await deleteWithVpcs(await NexusClient.of(testbed), name);
  if (options.json === true) session.terminal.printJson({});
}
