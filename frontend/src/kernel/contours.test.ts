import { describe, expect, it } from 'vitest';
import { traceContours } from './contours';

const length = (line: readonly number[]): number => {
  let sum = 0;
  for (let at = 2; at < line.length; at += 2) {
    sum += Math.abs((line[at] ?? 0) - (line[at - 2] ?? 0)) + Math.abs((line[at + 1] ?? 0) - (line[at - 1] ?? 0));
  }
  return sum;
};

const isClosed = (line: readonly number[]): boolean => line[0] === line.at(-2) && line[1] === line.at(-1);

/** Borders between different neighbours, counted pixel by pixel. */
function borders(labels: Uint8Array, width: number): number {
  const height = labels.length / width;
  const at = (u: number, v: number): number => (u < 0 || v < 0 || u >= width || v >= height ? 0 : (labels[v * width + u] ?? 0));
  let count = 0;
  for (let v = 0; v <= height; v += 1) {
    for (let u = 0; u <= width; u += 1) count += Number(at(u, v) !== at(u - 1, v)) + Number(at(u, v) !== at(u, v - 1));
  }
  return count;
}

/** Small repeatable random numbers (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('outlines', () => {
  it('has none for an empty slice', () => {
    expect(traceContours(new Uint8Array(12), 4)).toEqual([]);
  });

  it('runs once around a single pixel, corner to corner', () => {
    const [line, ...others] = traceContours(Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), 3);
    expect(others).toEqual([]);
    const corners = [[1, 1], [2, 1], [2, 2], [1, 2]];
    expect(line).toHaveLength(10);
    for (const [u, v] of corners) expect(pairs(line ?? [])).toContainEqual([u, v]);
  });

  it('joins a straight side into one line', () => {
    const lines = traceContours(new Uint8Array(20).fill(1), 5);
    expect(lines).toHaveLength(1);
    expect(length(lines[0] ?? [])).toBe(18);
    expect(lines[0]?.length).toBeLessThanOrEqual(12);
  });

  it('outlines a hole too', () => {
    const ring = Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1);
    expect(traceContours(ring, 3).map(length).sort((a, b) => a - b)).toEqual([4, 12]);
  });

  it('draws the border between two labels once', () => {
    const lines = traceContours(Uint8Array.of(1, 2), 2);
    expect(lines.map(length).reduce((a, b) => a + b, 0)).toBe(7);
  });

  it('covers every border exactly once on random slices, and closes around masks of one label', () => {
    const next = random(20_240_613);
    for (let round = 0; round < 60; round += 1) {
      const width = 3 + Math.floor(next() * 12);
      const values = round % 2 === 0 ? 2 : 4;
      const labels = Uint8Array.from({ length: width * 9 }, () => Math.floor(next() * values));
      const lines = traceContours(labels, width);
      expect(lines.map(length).reduce((a, b) => a + b, 0)).toBe(borders(labels, width));
      if (values === 2) expect(lines.every(isClosed)).toBe(true);
    }
  });
});

function pairs(line: readonly number[]): number[][] {
  return Array.from({ length: line.length / 2 }, (_, at) => [line[2 * at] ?? 0, line[2 * at + 1] ?? 0]);
}
