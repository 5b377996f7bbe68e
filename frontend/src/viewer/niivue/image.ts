/** A NIfTI file in RAS order for NiiVue: same values, no text, so that every orientation is settled by our own kernel. */
import { copyToRas } from '../../kernel/orientation';
import type { VoxelArray, Window } from '../../kernel/types';
import type { LoadedSequence } from '../loaded';

const OFFSET = 352;

/** NIfTI code of the voxels as NiiVue gets them; 32-bit integers travel as floats, which it displays alike. */
function target(voxels: VoxelArray): { code: number; make: (buffer: ArrayBuffer) => VoxelArray; bytes: number } {
  if (voxels instanceof Uint8Array) return { code: 2, bytes: 1, make: (b) => new Uint8Array(b, OFFSET) };
  if (voxels instanceof Int16Array) return { code: 4, bytes: 2, make: (b) => new Int16Array(b, OFFSET) };
  if (voxels instanceof Uint16Array) return { code: 512, bytes: 2, make: (b) => new Uint16Array(b, OFFSET) };
  return { code: 16, bytes: 4, make: (b) => new Float32Array(b, OFFSET) };
}

/** `window` stands in the header, so that NiiVue does not search 9 million voxels for one. */
export function rasNifti({ image: { volume }, grid }: LoadedSequence, window: Window): ArrayBuffer {
  const { code, bytes, make } = target(volume.voxels);
  const file = new ArrayBuffer(OFFSET + volume.voxels.length * bytes);
  const header = new DataView(file);
  header.setInt32(0, 348, true);
  [3, ...grid.dims, 1, 1, 1, 1].forEach((n, at) => header.setInt16(40 + 2 * at, n, true));
  header.setInt16(70, code, true);
  header.setInt16(72, 8 * bytes, true);
  [1, ...grid.spacing].forEach((mm, at) => header.setFloat32(76 + 4 * at, mm, true));
  header.setFloat32(108, OFFSET, true);
  header.setFloat32(112, volume.slope, true);
  header.setFloat32(116, volume.intercept, true);
  header.setUint8(123, 2);
  header.setFloat32(124, window.high, true);
  header.setFloat32(128, window.low, true);
  header.setInt16(254, 1, true);
  grid.spacing.forEach((mm, axis) => header.setFloat32(280 + 20 * axis, mm, true));
  [0x6e, 0x2b, 0x31, 0].forEach((byte, at) => header.setUint8(344 + at, byte));
  copyToRas(grid, volume.voxels, make(file));
  return file;
}
