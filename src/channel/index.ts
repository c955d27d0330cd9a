export { type Channel, type Methods } from "./channel.ts";
export { Connection, type ConnectionOptions, type RequestOptions } from "./connection.ts";
