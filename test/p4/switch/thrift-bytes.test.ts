import { expect, test } from "vitest";
import { SwitchControl } from "../../../src/p4/switch/control/switch-control.ts";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import { type Answer, answerCall, type Services } from "../../../src/p4/switch/thrift/message.ts";
import { switchServices } from "../../../src/p4/switch/thrift/server.ts";
import { assign, param, ProgramBuilder } from "./program-builder.ts";

const device = {
  deviceId: 0,
  thriftPort: 9090,
  notifications: "",
  addPort: () => Promise.reject(new Error("no ports here")),
  removePort: () => Promise.resolve(),
  ports: () => [],
};

function services(): Services {
  const text = new ProgramBuilder()
    .header("h", [
      ["addr", 32],
      ["mac", 48],
    ])
    .register("I.reg", 8, 32)
    .meter("I.mtr", 4)
    .action(
      "I.fwd",
      [
        ["port", 9],
        ["mac", 48],
      ],
      assign("standard_metadata.egress_spec", param(0)),
      assign("h.mac", param(1)),
    )
    .table("ingress", "I.t_lpm", { key: [["lpm", "h.addr"]], actions: ["I.fwd"], default: null })
    .text();
  const control = new SwitchControl(loadProgram(text), { send: () => undefined }, { clock: () => 0 });
  return switchServices(control, device);
}

const hexOf = ({ reply }: Answer): string => {
  if (!Buffer.isBuffer(reply)) throw new Error("expected a reply at once");
  return reply.toString("hex");
};
const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Request and reply as a real simple_switch and its client exchange them. */
const table =
  "80010001 00000018 7374616e646172643a626d5f6d745f6164645f656e747279 00000000 08 0001 00000000 0b 0002 00000007 492e745f6c706d 0f 0003 0c 00000001 08 0001 00000001 0c 0003 0b 0001 00000004 0a000100 08 0002 00000018 00 00 0b 0004 00000005 492e667764 0f 0005 0b 00000002 00000002 0005 00000006 000000000001 0c 0006 08 0001 00000000 00 00";
const exchanges: readonly (readonly [what: string, request: string, reply: string])[] = [
  ["an entry is added", table, "80010002 0000000f 626d5f6d745f6164645f656e747279 00000000 08 0000 00000000 00"],
  [
    "the same entry again is a duplicate",
    table,
    "80010002 0000000f 626d5f6d745f6164645f656e747279 00000000 0c 0001 08 0001 00000011 00 00",
  ],
  [
    "entries are read, with priority -1 and data in its shortest form",
    "80010001 0000001a 7374616e646172643a626d5f6d745f6765745f656e7472696573 00000000 08 0001 00000000 0b 0002 00000007 492e745f6c706d 00",
    "80010002 00000011 626d5f6d745f6765745f656e7472696573 00000000 0f 0000 0c 00000001 0f 0001 0c 00000001 08 0001 00000001 0c 0003 0b 0001 00000004 0a000100 08 0002 00000018 00 00 0c 0002 08 0001 ffffffff 00 08 0003 00000000 0c 0004 08 0001 00000001 0b 0002 00000005 492e667764 0f 0003 0b 00000002 00000001 05 00000001 01 00 00 00",
  ],
  [
    "a register is written",
    "80010001 0000001a 7374616e646172643a626d5f72656769737465725f7772697465 00000000 08 0001 00000000 0b 0002 00000005 492e726567 08 0003 00000001 0a 0004 000000000000004d 00",
    "80010002 00000011 626d5f72656769737465725f7772697465 00000000 00",
  ],
  [
    "rates of a meter are set",
    "80010001 0000001b 7374616e646172643a626d5f6d657465725f7365745f7261746573 00000000 08 0001 00000000 0b 0002 00000005 492e6d7472 08 0003 00000001 0f 0004 0c 00000002 04 0001 3f50624dd2f1a9fc 08 0002 000005dc 00 04 0001 3f60624dd2f1a9fc 08 0002 00000bb8 00 00",
    "80010002 00000012 626d5f6d657465725f7365745f7261746573 00000000 00",
  ],
  [
    "a multicast group is created",
    "80010001 00000020 73696d706c655f7072655f6c61673a626d5f6d635f6d6772705f637265617465 00000000 08 0001 00000000 08 0002 00000001 00",
    "80010002 00000011 626d5f6d635f6d6772705f637265617465 00000000 08 0000 00000001 00",
  ],
  [
    "a multicast node is created",
    "80010001 00000020 73696d706c655f7072655f6c61673a626d5f6d635f6e6f64655f637265617465 00000000 08 0001 00000000 08 0002 00000007 0b 0003 0000000a 31303030303030313130 0b 0004 00000004 31303031 00",
    "80010002 00000011 626d5f6d635f6e6f64655f637265617465 00000000 08 0000 00000000 00",
  ],
  [
    "a mirroring session that is not there is a declared exception",
    "80010001 00000023 73696d706c655f7377697463683a6d6972726f72696e675f73657373696f6e5f676574 00000000 08 0001 00000009 00",
    "80010002 00000015 6d6972726f72696e675f73657373696f6e5f676574 00000000 0c 0001 08 0001 00000001 00 00",
  ],
  [
    "an unknown method is told",
    "80010001 0000000d 7374616e646172643a6e6f7065 00000005 00",
    "80010003 00000004 6e6f7065 00000005 0b 0001 0000001b 496e76616c6964206d6574686f64206e616d653a20276e6f706527 08 0002 00000001 00",
  ],
];

test("requests of simple_switch_CLI are answered byte for byte as simple_switch answers them", () => {
  const served = services();
  for (const [what, request, reply] of exchanges) {
    const answer = answerCall(bytes(request), served);
    expect(hexOf(answer), what).toBe(bytes(reply).toString("hex"));
    expect(answer, what).toMatchObject({ consumed: bytes(request).length, close: false });
  }
});

test("a message that has not arrived in full waits, at whatever byte it is cut", () => {
  const served = services();
  for (let length = 0; length < bytes(table).length; length += 1) {
    expect(answerCall(bytes(table).subarray(0, length), served)).toEqual({
      consumed: 0,
      reply: undefined,
      close: false,
    });
  }
});

test("a message of before there were versions is answered", () => {
  const name = Buffer.from("standard:bm_get_config_md5");
  const request = Buffer.concat([bytes("0000001a"), name, bytes("01 00000007 00")]);
  const answer = answerCall(request, services());
  expect(hexOf(answer)).toMatch(/^80010002/);
  expect(hexOf(answer)).toContain("00000007" + "0b0000" + "00000010");
});

test("an unknown service is told under the name as sent, and the connection closed", () => {
  const name = Buffer.from("nobody:bm_get_config");
  const answer = answerCall(Buffer.concat([bytes("80010001 00000014"), name, bytes("00000001 00")]), services());
  expect(answer.close).toBe(true);
  expect(Buffer.from(hexOf(answer), "hex").toString("latin1")).toContain("nobody:bm_get_config");
  expect(hexOf(answer).slice(-10)).toBe("0000000700");
});

test("another version, or a framed client, gets no answer", () => {
  expect(answerCall(bytes("80020001 00000000"), services())).toMatchObject({ reply: undefined, close: true });
  expect(answerCall(bytes("00000030 80010001"), services())).toMatchObject({ reply: undefined, consumed: 0 });
});

test("a context other than 0 is a failure of the call", () => {
  const name = Buffer.from("standard:bm_register_reset");
  const request = Buffer.concat([
    bytes("80010001 0000001a"),
    name,
    bytes("00000000 08 0001 00000001 0b 0002 00000005 492e726567 00"),
  ]);
  expect(hexOf(answerCall(request, services()))).toMatch(/^80010003/);
});

test("fields that are unknown or of another type are passed over, and missing ones are zero", () => {
  const name = Buffer.from("standard:bm_register_read");
  const head = Buffer.concat([bytes("80010001 00000019"), name, bytes("00000000 0b 0002 00000005 492e726567")]);
  const unknownField = bytes("0d 0063 0b 08 00000001 00000001 61 00000002");
  const wrongType = bytes("06 0003 0001");
  const answer = answerCall(Buffer.concat([head, unknownField, wrongType, bytes("00")]), services());
  expect(hexOf(answer)).toMatch(/0a0000000000000000000000$/);
});
