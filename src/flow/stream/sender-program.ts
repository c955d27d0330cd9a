/**
 * What a node runs to send a stream, with `node -e`: numbered datagrams from several ports at a steady rate, until its
 * standard input ends. Its only argument is a JSON object; it prints a line when it has begun.
 */
export const senderProgram = `
const { createSocket } = require("node:dgram");
const { destination, source, flows, rate, srcPort, dstPort, mark } = JSON.parse(process.argv[1]);
const type = destination.includes(":") ? "udp6" : "udp4";
const sockets = Array.from({ length: flows }, () => createSocket({ type, reuseAddr: true }));
const bound = sockets.map((socket, flow) => new Promise((resolve, reject) => {
  socket.once("error", reject);
  socket.bind({ port: srcPort + flow, address: source }, resolve);
}));
Promise.all(bound).then(() => {
  const begin = performance.now();
  let number = 0;
  const send = () => {
    for (const due = ((performance.now() - begin) / 1000) * rate; number <= due; number += 1) {
      sockets.forEach((socket, flow) => {
        const content = Buffer.alloc(64, 0x5a);
        content.write(mark, "hex");
        content.writeUInt32BE(flow * 2 ** 24 + number, mark.length / 2);
        // A way that is lost is what the stream is there to show.
        socket.send(content, dstPort, destination, () => {});
      });
    }
  };
  for (const socket of sockets) socket.on("error", () => {});
  setInterval(send, Math.max(1, 500 / rate));
  send();
  console.log("sending");
});
process.stdin.on("end", () => process.exit(0)).resume();
`;
