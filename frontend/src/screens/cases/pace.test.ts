import { describe, expect, it } from 'vitest';
import { Pace, left, size } from './pace';

describe('the pace', () => {
  it('is unknown in the first two seconds', () => {
    const pace = new Pace();
    pace.note(0, 0);
    pace.note(1000, 1500);

    expect(pace.rate).toBeNull();
  });

  it('counts bytes per second over the last quarter of a minute only', () => {
    const pace = new Pace();
    pace.note(0, 0);
    pace.note(1_000_000, 10_000);
    // 20 s later: the first sample is too old; 4 MB went in the 15 s before.
    pace.note(5_000_000, 25_000);

    expect(pace.rate).toBeCloseTo(4_000_000 / 15, 3);
  });
});

describe('what is left', () => {
  it.each([
    [5, 1, 'a few seconds left'],
    [32, 1, 'about 30 s left'],
    [100, 1, 'about 2 min left'],
    [7200, 1, 'about 2 h left'],
    [100, null, ''],
    [0, 1, ''],
  ] as const)('%d bytes at %s a second: %s', (bytes, rate, words) => {
    expect(left(bytes, rate)).toBe(words);
  });
});

describe('a size', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [3_440_000, '3.4 MB'],
    [123_400_000, '123 MB'],
    [2_147_483_648, '2.1 GB'],
  ] as const)('%d is %s', (bytes, words) => {
    expect(size(bytes)).toBe(words);
  });
});
