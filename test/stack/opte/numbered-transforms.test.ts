import { expect, test } from "vitest";
import { identityTransform, Transform } from "../../../src/stack/opte/engine/layer/transform.ts";
import { NumberedTransforms } from "../../../src/stack/opte/engine/table/numbered-transforms.ts";

test("a transform has its number as long as it is used, and others may have it then", () => {
  const numbered = new NumberedTransforms();
  const [one, two, three] = ["one", "two", "three"].map((name) => new Transform({ name })) as [
    Transform,
    Transform,
    Transform,
  ];
  expect([numbered.use(one), numbered.use(two), numbered.use(one)]).toEqual([0, 1, 0]);
  numbered.release(0);
  expect(numbered.get(0)).toBe(one);
  numbered.release(0);
  expect(numbered.get(0)).toBe(identityTransform);
  expect([numbered.use(three), numbered.get(0) === three, numbered.use(one), numbered.size]).toEqual([0, true, 2, 3]);
  for (const number of [0, 1, 2]) numbered.release(number);
  expect(numbered.size).toBe(0);
});
