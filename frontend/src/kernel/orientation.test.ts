import { describe, expect, it } from 'vitest';
import golden from '../../tests/golden/orientations.json';
import { mmToVoxel, voxelSpacing, voxelToMm } from './affine';
import { axisCodes, copyToRas, isRas, rasGrid, storedIndex, storedVoxel } from './orientation';
import type { Affine, Vec3 } from './types';

const cases = golden.map((entry) => ({
  ...entry,
  shape: entry.shape as unknown as Vec3,
  affine: entry.affine as unknown as Affine,
}));

describe('orientation', () => {
  it('has a golden case for each of the 48 orders', () => {
    expect(new Set(cases.map(({ codes }) => codes)).size).toBe(48);
  });

  it.each(cases)('reads $codes in RAS order as nibabel does', ({ codes, shape, affine, stored, ras, ...expected }) => {
    const grid = rasGrid(shape, affine);
    expect(axisCodes(affine)).toBe(codes);
    expect(grid.dims).toEqual(expected.rasShape);
    expect(Array.from(copyToRas(grid, stored, new Int16Array(stored.length)))).toEqual(ras);
    grid.affine.flat().forEach((value, at) => expect(value).toBeCloseTo(expected.rasAffine.flat()[at] ?? NaN, 9));
    expect(isRas(grid)).toBe(codes === 'RAS');
  });

  it.each(cases)('finds the stored voxel of a RAS voxel in $codes', ({ shape, affine }) => {
    const grid = rasGrid(shape, affine);
    const ras: Vec3 = [1, 2, 3];
    const [i, j, k] = storedVoxel(grid, ras);
    expect(storedIndex(grid, ras)).toBe(i + shape[0] * (j + shape[1] * k));
    voxelToMm(affine, [i, j, k]).forEach((mm, at) => expect(mm).toBeCloseTo(voxelToMm(grid.affine, ras)[at] ?? NaN, 9));
  });

  it('comes back from millimetres to the voxel', () => {
    const { affine } = cases[17] as { affine: Affine };
    mmToVoxel(affine, voxelToMm(affine, [1.25, 2, 0.5])).forEach((v, at) => expect(v).toBeCloseTo([1.25, 2, 0.5][at] ?? NaN, 9));
  });

  it('measures spacing along the stored axes', () => {
    expect(voxelSpacing([[0, 0, -3, 0], [2, 0, 0, 0], [0, 1.5, 0, 0], [0, 0, 0, 1]])).toEqual([2, 1.5, 3]);
  });

  it('refuses axes that lie in one plane', () => {
    const flat: Affine = [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
    expect(() => rasGrid([2, 2, 2], flat)).toThrow(expect.objectContaining({ code: 'affine.singular' }));
  });
});
