import { createHash } from "node:crypto";
import type { NexusConfiguration } from "../configuration.ts";
import { createInstance } from "../resources/instances.ts";
import { createProject } from "../resources/projects.ts";
import { createVpc } from "../resources/vpcs.ts";
import type { Store } from "../store/store.ts";

type DeclaredProject = NexusConfiguration["projects"][number];

const digestKey = "declared_projects";

/**
 * Make what the configuration declares and is not there. That is done once for a declaration: what is changed or deleted
 * afterwards stays so, until another is declared. @throws ApiError for what cannot be made; nothing is then
 */
export function applyDeclaredProjects(store: Store, projects: readonly DeclaredProject[]): void {
  const { meta } = store.tables;
  const digest = createHash("sha256").update(JSON.stringify(projects)).digest("hex");
  const before = meta.find({ key: digestKey });
  if (before?.value === digest || (before === undefined && projects.length === 0)) return;
  store.transaction(() => {
    for (const project of projects) applyProject(store, project);
    if (before === undefined) meta.insert({ key: digestKey, value: digest });
    else meta.update({ key: digestKey }, { value: digest });
  });
}

function applyProject(store: Store, { name, vpcs, instances }: DeclaredProject): void {
  const { tables } = store;
  const description = "declared by the topology";
  const project = tables.projects.find({ name }) ?? createProject(store, { name, description });
  for (const vpc of vpcs) {
    if (tables.vpcs.find({ project_id: project.id, name: vpc }) !== undefined) continue;
    createVpc(store, project, { name: vpc, description, dns_name: vpc });
  }
  for (const { name: instance, vpc, ...size } of instances) {
    if (tables.instances.find({ project_id: project.id, name: instance }) !== undefined) continue;
    const nic = { name: "net0", description, vpc_name: vpc, subnet_name: "default", ip_config: undefined };
    createInstance(store, project, {
      ...{ name: instance, description, hostname: instance, kind: "light", ...size },
      ...{ auto_restart_policy: null, enable_jumbo_frames: false, external_ips: [] },
      network_interfaces: { type: "create", params: [nic] },
    });
  }
}
