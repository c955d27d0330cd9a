import { ApiError } from "../../daemon/api.ts";

/** What is asked for makes no sense, or not now; `field` is what is at fault. */
export function invalid(field: string, message: string): ApiError {
  return new ApiError(400, `${field}: ${message}`, "InvalidRequest");
}

/** The name is taken. */
export function alreadyExists(kind: string, name: string, field = "name"): ApiError {
  return new ApiError(400, `${field}: already exists: ${kind} "${name}"`, "ObjectAlreadyExists");
}

/** There is no such thing. */
export function notFound(kind: string, field: string, value: string): ApiError {
  return new ApiError(404, `${field}: not found: ${kind} "${value}"`, "ObjectNotFound");
}

/** There is no more of it. */
export function exhausted(field: string, message: string): ApiError {
  return new ApiError(507, `${field}: ${message}`, "InsufficientCapacity");
}

/** A limit is reached; it names the limit. */
export function limitReached(field: string, what: string, limit: number): ApiError {
  return invalid(field, `at most ${limit} ${what}`);
}
