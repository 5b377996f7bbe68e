import { describe, expect, it } from 'vitest';
import golden from '../../tests/golden/windows.json';
import type { Volume, VoxelArray } from './types';
import { grey, greyMap, percentile, widened, windowPresets } from './windowing';

const volumeOf = (voxels: VoxelArray, slope = 1, intercept = 0): Volume => ({
  shape: [voxels.length, 1, 1],
  voxels,
  slope,
  intercept,
  affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
  file: voxels.buffer as ArrayBuffer,
});

describe('display windows', () => {
  it('takes percentiles as numpy does', () => {
    const sorted = Float64Array.from({ length: 1000 }, (_, at) => (at + 1) ** 2);
    golden.shares.forEach((share, at) => expect(percentile(sorted, share)).toBeCloseTo(golden.percentiles[at] ?? NaN, 6));
  });

  it('opens from the first to the 99.5th percentile of what is not zero', () => {
    const ramp = Int16Array.from({ length: 2001 }, (_, at) => (at > 1000 ? 0 : at));
    const { low, high } = windowPresets(volumeOf(ramp)).default;
    expect([low, high]).toEqual([percentileOf(0.01), percentileOf(0.995)]);
  });

  it('gives an empty image a window all the same', () => {
    expect(windowPresets(volumeOf(new Int16Array(8))).default).toEqual({ low: 0, high: 1 });
  });

  it('maps the window ends to black and white and clamps beyond', () => {
    const window = { low: 100, high: 300 };
    expect([0, 100, 200, 300, 999, NaN].map((value) => grey(value, window))).toEqual([0, 0, 128, 255, 255, 0]);
  });

  it.each([
    ['table', Int16Array.of(-32_768, -1, 0, 150, 32_767)],
    ['arithmetic', Float32Array.of(-32_768, -1, 0, 150, 32_767)],
  ])('maps scaled values by %s', (_, voxels) => {
    const map = greyMap(volumeOf(voxels, 2, 10), { low: 0, high: 620 });
    expect(Array.from(voxels, map)).toEqual([0, 3, 4, 128, 255].map((v, at) => (at === 0 ? 0 : v)));
  });

  it('never closes a window', () => {
    expect(widened(5, 5).high).toBeGreaterThan(5);
    expect(widened(7, 3)).toEqual({ low: 3, high: 7 });
  });
});

/** Linear percentile of 1 … 1000. */
const percentileOf = (share: number): number => 1 + share * 999;
