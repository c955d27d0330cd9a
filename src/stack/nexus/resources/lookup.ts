import type { Store } from "../store/store.ts";
import type { Table } from "../store/table.ts";
import { alreadyExists, invalid, notFound } from "./refusals.ts";
import type * as rows from "../engine/rows.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is an identifier, and so no name. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** A top-level resource by name or id. @throws ApiError (404) that names `field` */
export function topLevel<Row extends Named>(table: Table<Row>, kind: string, field: string, selector: string): Row {
  const where = isId(selector) ? { id: selector.toLowerCase() } : { name: selector };
  const row = table.find(where as Parameters<Table<Row>["find"]>[0]);
  if (row === undefined) throw notFound(kind, field, selector);
  return row;
}

/** A name or an id, and what a name is in. */
export interface Selector {
  readonly field: string;
  readonly value: string;
  /** The query field that names the parent, and what it says. */
  readonly parentField: string;
  readonly parent: string | undefined;
}

/**
 * A resource by id, or by name within a parent that `parentId` finds. @throws ApiError (400) if a name comes without
 * its parent or an id with one, (404) if there is no such resource
 */
export function within<Row extends Named>(
  table: Table<Row>,
  kind: string,
  { field, value, parentField, parent }: Selector,
  scope: (parent: string) => object,
): Row {
  const find = (where: object): Row | undefined => table.find(where);
  let row: Row | undefined;
  if (isId(value)) {
    if (parent !== undefined) {
      throw invalid(parentField, `when providing ${field} as an ID, ${parentField} should not be specified`);
    }
    row = find({ id: value.toLowerCase() });
  } else {
    if (parent === undefined) throw invalid(parentField, `must be specified when ${field} is given by name`);
    row = find({ ...scope(parent), name: value });
  }
  if (row === undefined) throw notFound(kind, field, value);
  return row;
}

/** Refuse a name that another resource of the same parent has. @throws ApiError (400) */
export function requireFreeName<Row extends Named>(
  table: Table<Row>,
  kind: string,
  where: Partial<Row> & { readonly name: string },
  own?: string,
): void {
  const holder = table.find(where);
  if (holder !== undefined && holder.id !== own) throw alreadyExists(kind, where.name);
}

/** What the queries of VPC resources say of their parents. */
export interface ParentQuery {
  readonly project?: string | undefined;
  readonly vpc?: string | undefined;
}

/** The project of a query field. */
export function projectOf({ tables }: Store, selector: string): rows.ProjectRow {
  return topLevel(tables.projects, "project", "project", selector);
}

/** A VPC by name or id. */
export function vpcOf(store: Store, vpc: string, project: string | undefined, field = "vpc"): rows.VpcRow {
  const { vpcs } = store.tables;
  return within(vpcs, "vpc", { field, value: vpc, parentField: "project", parent: project }, (parent) => ({
    project_id: projectOf(store, parent).id,
  }));
}

/** A subnet, router or gateway of a VPC by name or id. */
export function ofVpc<Row extends Named>(
  store: Store,
  table: Table<Row>,
  kind: string,
  selector: { readonly field: string; readonly value: string },
  { project, vpc }: ParentQuery,
): Row {
  if (isId(selector.value) && project !== undefined) {
    throw invalid("project", `when providing ${selector.field} as an ID, project should not be specified`);
  }
  return within(table, kind, { ...selector, parentField: "vpc", parent: vpc }, (parent) => ({
    vpc_id: vpcOf(store, parent, project).id,
  }));
}

/** Something of a project by name or id. */
export function ofProject<Row extends Named>(
  store: Store,
  table: Table<Row>,
  kind: string,
  selector: { readonly field: string; readonly value: string },
  project: string | undefined,
): Row {
  return within(table, kind, { ...selector, parentField: "project", parent: project }, (parent) => ({
    project_id: projectOf(store, parent).id,
  }));
}

/** An instance by name or id. */
export function instanceOf(
  store: Store,
  value: string,
  project: string | undefined,
  field = "instance",
): rows.InstanceRow {
  return ofProject(store, store.tables.instances, "instance", { field, value }, project);
}

/** A floating IP by name or id. */
export function floatingIpOf(
  store: Store,
  field: string,
  value: string,
  project: string | undefined,
): rows.ExternalIpRow {
  const selector = { field, value, parentField: "project", parent: project };
  const row = within(store.tables.externalIps, "floating-ip", selector, (parent) => ({
    project_id: projectOf(store, parent).id,
    kind: "floating",
  }));
  // Addresses of other kinds have identifiers too.
  if (row.kind !== "floating") throw notFound("floating-ip", field, value);
  return row;
}
