/** Prints each frame that an interface receives, its name before it: `sniff.ts INTERFACE...`, until it is ended. */
import { openPacketSocket } from "../../../../src/netdev/packet-socket.ts";

for (const name of process.argv.slice(2)) {
  const socket = openPacketSocket(name);
  socket.watch(() => {
    socket.receive((bytes, start, length) => {
      console.log(`${name} ${Buffer.from(bytes.subarray(start, start + length)).toString("hex")}`);
    });
  });
}
console.log("listening");
