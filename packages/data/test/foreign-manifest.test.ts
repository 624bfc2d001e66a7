/** Manifests of rows that other programs wrote wrongly: each is refused in one line that says what is wrong, none by accident. */
import { isGradpoolError } from "@gradpool/core";
import { expect, it } from "vitest";
import { expandForeign } from "../src/set/foreign.js";

const sound = { format: "gradpool-rows", version: 1, train: "train", labels: ["click"] };

it.each([
  [{ version: 2 }, /version 2, not 1/],
  [{ train: undefined }, /names no training rows/],
  [{ train: 5 }, /train is 5 .*: give the name of a file/],
  [{ train: ["a", null] }, /train is \["a",null\]/],
  [{ test: { folder: "x" } }, /test is \{"folder":"x"\}/],
  [{ labels: "click" }, /names no labels/],
  [{ labels: [] }, /names no labels/],
  [{ labels: [["click"]] }, /a column is called \["click"\]/],
  [{ labels: { click: 1 } }, /a column is called 1/],
  [{ user: 7 }, /a column is called 7/],
  [{ item: { size: 5 } }, /a column is called null/],
  [{ weight: {} }, /a column is called \{\}/],
  [{ features: { city: null } }, /the feature city is null .*category, list or number/],
  [{ features: { city: "category" } }, /the feature city is "category"/],
  [{ features: { city: { kind: "categories" } } }, /the feature city is "categories"/],
  [{ features: ["city"] }, /the feature 0 is "city"/],
])("%j is refused", async (change, message) => {
  const error: unknown = await expandForeign("rows", { ...sound, ...change }).catch((failure: unknown) => failure);
  expect(isGradpoolError(error), String(error)).toBe(true);
  expect(String(error)).toMatch(message);
  expect(String(error)).toMatch(/rows.manifest\.json/);
});
