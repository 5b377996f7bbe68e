import { describe, expect, it } from 'vitest';
import type { Volume } from '../kernel/types';
import { packed } from './stored';

const volume = (voxels: number[]): Volume => ({
  shape: [voxels.length, 1, 1],
  voxels: Uint8Array.from(voxels),
  slope: 1,
  intercept: 0,
  affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
  file: new ArrayBuffer(0),
});

describe('masks of several sources on one image', () => {
  it('become one bit each, whatever the label', () => {
    const found = packed(volume([9, 9, 9, 9]), [volume([0, 1, 4, 0]), volume([0, 0, 2, 7])]);

    expect(found).toMatchObject({ base: 2, order: 'native' });
    expect([...(found?.codes ?? [])]).toEqual([0, 1, 3, 2]);
  });

  it('leave the slot of a source without a mask here empty', () => {
    expect([...(packed(volume([9, 9]), [null, volume([1, 0])])?.codes ?? [])]).toEqual([2, 0]);
  });

  it('are none when no source drew on this sequence', () => {
    expect(packed(volume([9]), [null, null])).toBeNull();
  });
});
