/** The image's values in RAS order, so that one index serves labels and values. */
import { rasGrid } from '../orientation';
import type { Volume, VoxelArray } from '../types';

/** Image values (slope and intercept applied) in RAS order; the stored type is kept when nothing is scaled. */
export function rasIntensities(volume: Volume): VoxelArray {
  const { dims, offset, strides } = rasGrid(volume.shape, volume.affine);
  const plain = volume.slope === 1 && volume.intercept === 0;
  const out = plain ? (volume.voxels.slice() as VoxelArray) : new Float32Array(volume.voxels.length);
  const [nx, ny, nz] = dims;
  let to = 0;
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      let from = offset + y * strides[1] + z * strides[2];
      for (let x = 0; x < nx; x += 1, from += strides[0], to += 1) {
        const value = volume.voxels[from] as number;
        out[to] = plain ? value : value * volume.slope + volume.intercept;
      }
    }
  }
  return out;
}
