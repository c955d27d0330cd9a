import { isGiven } from "../engine/given.ts";
import type { ProjectRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { requireFreeName } from "./lookup.ts";
import { invalid } from "./refusals.ts";
import { createVpc } from "./vpcs.ts";

interface Naming {
  readonly name: string;
  readonly description: string;
}

/** Make a project, with its VPC "default". */
export function createProject(store: Store, naming: Naming): ProjectRow {
  const { projects } = store.tables;
  requireFreeName(projects, "project", { name: naming.name });
  const project = projects.insert(store.newIdentity(naming));
  createVpc(store, project, { name: "default", description: "Default VPC", dns_name: "default" });
  return project;
}

/** What of a resource is to be changed; null and undefined leave it. */
export interface IdentityChange {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
}

/** The change as columns. */
export function identityChanges(
  { timeText }: Store,
  { name, description }: IdentityChange,
): { readonly name?: string; readonly description?: string; readonly time_modified: string } {
  return {
    ...(!isGiven(name) ? {} : { name }),
    ...(!isGiven(description) ? {} : { description }),
    time_modified: timeText(),
  };
}

/** Change a project. @throws ApiError (400) for a name that is taken */
export function updateProject(store: Store, project: ProjectRow, change: IdentityChange): ProjectRow {
  const { projects } = store.tables;
  if (isGiven(change.name)) requireFreeName(projects, "project", { name: change.name }, project.id);
  const changes = identityChanges(store, change);
  projects.update({ id: project.id }, changes);
  return { ...project, ...changes };
}

/** @throws ApiError (400) while the project has anything */
export function deleteProject({ tables }: Store, { id, name }: ProjectRow): void {
  const contents = [
    ["VPC", tables.vpcs],
    ["instance", tables.instances],
    ["floating IP", tables.externalIps],
    ["external subnet", tables.externalSubnets],
    ["probe", tables.probes],
  ] as const;
  for (const [what, table] of contents) {
    const count = table.count({ project_id: id });
    if (count > 0) {
      throw invalid("project", `"${name}" cannot be deleted while it has ${count} ${what}${count > 1 ? "s" : ""}`);
    }
  }
  tables.projects.delete({ id });
}
