import { describe, expect, it } from 'vitest';
import golden from '../../tests/golden/orientations.json';
import { copyToRas, rasGrid } from './orientation';
import { acquisitionPlane, directionLetters, edgeLetters, extractSlice, rasWalk, sliceSpacing, storedWalk } from './planes';
import { PLANES } from './types';
import type { Affine, Vec3 } from './types';

const straight = (x: number, y: number, z: number): Affine => [[x, 0, 0, 0], [0, y, 0, 0], [0, 0, z, 0], [0, 0, 0, 1]];

describe('planes', () => {
  it.each(golden)('cuts the same slices from $codes as from RAS order', ({ shape, affine, stored, ras }) => {
    const grid = rasGrid(shape as unknown as Vec3, affine as unknown as Affine);
    for (const plane of PLANES) {
      const walk = storedWalk(grid, plane, 2);
      const size = walk.width * walk.height;
      const cut = extractSlice(stored, walk, new Int16Array(size));
      expect(cut).toEqual(extractSlice(ras, rasWalk(grid.dims, plane, 2), new Int16Array(size)));
      expect(copyToRas(grid, stored, new Int16Array(60))).toContain(cut[0]);
    }
  });

  it('cuts an axial slice with x fastest and y from the back to the front', () => {
    // Voxel value 100 x + 10 y + z on a 2 x 3 x 2 grid.
    const values = [0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121];
    expect([...extractSlice(values, rasWalk([2, 3, 2], 'axial', 1), [])]).toEqual([1, 101, 11, 111, 21, 121]);
    expect([...extractSlice(values, rasWalk([2, 3, 2], 'coronal', 2), [])]).toEqual([20, 120, 21, 121]);
    expect([...extractSlice(values, rasWalk([2, 3, 2], 'sagittal', 1), [])]).toEqual([100, 110, 120, 101, 111, 121]);
  });

  it('shows the patient right on the left of the screen by the radiological convention', () => {
    const grid = rasGrid([4, 4, 4], straight(-1, -1, 1));
    expect(edgeLetters(grid, 'axial', true)).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
    expect(edgeLetters(grid, 'coronal', true)).toEqual({ left: 'R', right: 'L', top: 'S', bottom: 'I' });
    expect(edgeLetters(grid, 'axial', false)).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' });
  });

  it('shows the face on the left of a sagittal slice by either convention', () => {
    const grid = rasGrid([4, 4, 4], straight(1, 1, 1));
    for (const radiological of [true, false]) {
      expect(edgeLetters(grid, 'sagittal', radiological)).toEqual({ left: 'A', right: 'P', top: 'S', bottom: 'I' });
    }
  });

  it('adds a second letter where a cut is more than 15 degrees oblique', () => {
    const at = (degrees: number): Vec3 => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180), 0];
    expect([0, 14, 16, 44, 46, 90].map((degrees) => directionLetters(at(degrees)))).toEqual(['R', 'R', 'RA', 'RA', 'AR', 'A']);
  });

  it('letters all four edges of a slice turned 20 degrees about the long axis', () => {
    const [c, s] = [Math.cos(Math.PI / 9), Math.sin(Math.PI / 9)];
    const turned: Affine = [[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
    const letters = edgeLetters(rasGrid([4, 4, 4], turned), 'axial', true);
    expect(letters).toEqual({ left: 'RA', right: 'LP', top: 'AL', bottom: 'PR' });
  });

  it('opens thick slices in the plane they were taken in, isotropic ones axially', () => {
    expect(acquisitionPlane(rasGrid([9, 9, 9], straight(1, 1, 5)))).toBe('axial');
    expect(acquisitionPlane(rasGrid([9, 9, 9], straight(1, 5, 1)))).toBe('coronal');
    expect(acquisitionPlane(rasGrid([9, 9, 9], straight(5, 1, 1)))).toBe('sagittal');
    expect(acquisitionPlane(rasGrid([9, 9, 9], straight(1.02, 1, 1)))).toBe('axial');
  });

  it('measures the slice distance along the normal, also of a sheared grid', () => {
    const sheared: Affine = [[1, 0, 2, 0], [0, 1, 0, 0], [0, 0, 3, 0], [0, 0, 0, 1]];
    expect(sliceSpacing(rasGrid([4, 4, 4], sheared), 'axial')).toBeCloseTo(3, 12);
  });
});
