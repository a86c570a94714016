/**
 * Put into every bundled file in place of the names that it has: calls of `h` are shorter than those of the automatic
 * JSX runtime, and what the language calls by two words has one here.
 */
export { Fragment, h } from "preact";

export const list = (...parts: unknown[]) => parts;

const { abs, ceil, floor, max, min, round } = Math;
const { keys, is, assign } = Object;
const { parse, stringify } = JSON;
const { isArray } = Array;
const clear = globalThis.clearTimeout;

export {
  abs as "Math.abs",
  assign as "Object.assign",
  ceil as "Math.ceil",
  clear as clearTimeout,
  floor as "Math.floor",
  is as "Object.is",
  isArray as "Array.isArray",
  keys as "Object.keys",
  max as "Math.max",
  min as "Math.min",
  parse as "JSON.parse",
  round as "Math.round",
  stringify as "JSON.stringify",
};
