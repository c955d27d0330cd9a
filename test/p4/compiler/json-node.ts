/** Something in the JSON, not looked at yet. */
export type Node = Record<string, unknown>;

export const asNode = (value: unknown): Node => value as Node;
export const list = (value: unknown): Node[] => (value ?? []) as Node[];

export const show = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
