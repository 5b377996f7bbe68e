import { expect, it } from 'vitest';
import { same } from './same';

it.each([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [null, {}, false],
  ['8', 8, false],
])('compares %j with %j as JSON', (a, b, expected) => {
  expect([same(a, b), same(b, a)]).toEqual([expected, expected]);
});
