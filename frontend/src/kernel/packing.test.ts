import { describe, expect, it } from 'vitest';
import { agreement, largestSlice, unionCentre, unionProfile } from './masks';
import { checkPacked, countTable, digit, memberTable, slotCapacity, unpack } from './packing';

describe('packed candidates', () => {
  it('unpacks 1 + 6 * 2 + 36 * 5 into labels 1, 2 and 5', () => {
    expect([0, 1, 2].map((slot) => digit(193, 6, slot))).toEqual([1, 2, 5]);
    expect(unpack(Uint8Array.of(0, 193, 36), 6, 3).map((labels) => [...labels])).toEqual([
      [0, 1, 0],
      [0, 2, 0],
      [0, 5, 1],
    ]);
  });

  it('knows that three candidates fit at base 6 and eight at base 2', () => {
    expect([2, 3, 6, 16, 256].map(slotCapacity)).toEqual([8, 5, 3, 2, 1]);
    expect(() => slotCapacity(1)).toThrow(expect.objectContaining({ code: 'packing.base' }));
  });

  it('marks and counts the slots of a code whatever their labels', () => {
    expect(memberTable(6, 3)[193]).toBe(0b111);
    expect(memberTable(6, 3)[36]).toBe(0b100);
    expect([0, 5, 7, 193].map((code) => countTable(6, 3)[code])).toEqual([0, 1, 2, 3]);
  });

  it('refuses masks of another grid and more slots than fit', () => {
    expect(() => checkPacked(new Uint8Array(7), 6, 3, 8)).toThrow(expect.objectContaining({ code: 'packing.length' }));
    expect(() => checkPacked(new Uint8Array(8), 6, 4, 8)).toThrow(expect.objectContaining({ code: 'packing.slots' }));
  });
});

describe('the union of the candidates', () => {
  // 3 x 2 x 2 voxels: two marked in the lower slice, three in the upper.
  const codes = Uint8Array.of(0, 1, 6, 0, 0, 0, 36, 0, 1, 0, 43, 0);
  const profile = unionProfile(codes, [3, 2, 2], 6, 3);

  it('is counted in every slice of every plane', () => {
    expect([...profile.axial]).toEqual([2, 3]);
    expect([...profile.coronal]).toEqual([4, 1]);
    expect([...profile.sagittal]).toEqual([1, 2, 2]);
  });

  it('is largest in the lowest of equal slices, and nowhere when it is empty', () => {
    expect(largestSlice(profile.axial)).toBe(1);
    expect(largestSlice(profile.sagittal)).toBe(1);
    expect(largestSlice(new Uint32Array(4))).toBeNull();
  });

  it('has its centre on a voxel', () => {
    expect(unionCentre(Uint8Array.of(0, 1, 1, 0, 1, 1), 3)).toEqual([2, 1]);
    expect(unionCentre(new Uint8Array(6), 3)).toBeNull();
  });

  it('is one, some or all of the slots', () => {
    expect([0, 1, 2, 3].map((count) => agreement(count, 3))).toEqual(['none', 'one', 'some', 'all']);
    expect(agreement(1, 1)).toBe('all');
  });
});
