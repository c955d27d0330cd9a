import { z } from "@hono/zod-openapi";
import { topLevel } from "../resources/lookup.ts";
import { createProject, deleteProject, updateProject } from "../resources/projects.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { identity, identityCreate, identityUpdate, nameOrId } from "./values.ts";

const project = z.object(identity).openapi("Project");
const params = z.strictObject({ project: nameOrId });

/** Operations on projects. */
export const projectOperations: Operations = (api, context) => {
  const { store } = context;
  const { projects } = store.tables;
  const find = (selector: string) => topLevel(projects, "project", "project", selector);
  const path = "/v1/projects";
  operation(
    api,
    context,
    {
      id: "project_list",
      method: "get",
      path,
      summary: "List projects",
      query: z.strictObject(pageByName),
      answer: pageOf(project),
    },
    ({ query }) => pageRows(projects, {}, query, (row) => view(project, row)),
  );
  operation(
    api,
    context,
    {
      id: "project_create",
      method: "post",
      path,
      summary: "Create project",
      body: z.strictObject(identityCreate),
      answer: project,
      status: 201,
    },
    ({ body }) => view(project, createProject(store, body)),
  );
  operation(
    api,
    context,
    { id: "project_view", method: "get", path: `${path}/{project}`, summary: "Fetch project", params, answer: project },
    ({ params: { project: selector } }) => view(project, find(selector)),
  );
  operation(
    api,
    context,
    {
      id: "project_update",
      method: "put",
      path: `${path}/{project}`,
      summary: "Update project",
      params,
      body: z.strictObject(identityUpdate),
      answer: project,
    },
    ({ params: { project: selector }, body }) => view(project, updateProject(store, find(selector), body)),
  );
  operation(
    api,
    context,
    { id: "project_delete", method: "delete", path: `${path}/{project}`, summary: "Delete project", params },
    ({ params: { project: selector } }) => {
      deleteProject(store, find(selector));
    },
  );
};
