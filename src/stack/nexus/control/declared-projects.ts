import type { NexusConfiguration } from "../configuration.ts";
import { createInstance } from "../resources/instances.ts";
import { createProject } from "../resources/projects.ts";
import { createVpc } from "../resources/vpcs.ts";
import type { Store } from "../store/store.ts";
import { makeDeclared } from "./declared-once.ts";

type DeclaredProject = NexusConfiguration["projects"][number];

/** Make the projects that the configuration declares and that are not there. @throws ApiError for what cannot be made; nothing is then */
export function applyDeclaredProjects(store: Store, projects: readonly DeclaredProject[]): void {
  makeDeclared(store, "declared_projects", projects, {
    isEmpty: projects.length === 0,
    make: () => {
      for (const project of projects) applyProject(store, project);
    },
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
      ...{ name: instance, description, hostname: instance, ...size },
      ...{ auto_restart_policy: null, enable_jumbo_frames: false, external_ips: [] },
      network_interfaces: { type: "create", params: [nic] },
    });
  }
}
