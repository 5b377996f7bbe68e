/** Reads the NIfTI-1 files that the server writes: little-endian, single file, 3-D, geometry in the sform. */
import { KernelError } from './errors';
import { gunzip, isGzip } from './gzip';
import type { Affine, Vec3, Volume, VoxelArray } from './types';

const HEADER_BYTES = 348;
const MAGIC = 'n+1\0';

interface VoxelType {
  readonly bytes: number;
  readonly view: (buffer: ArrayBuffer, offset: number, length: number) => VoxelArray;
}

const VOXEL_TYPES: Readonly<Record<number, VoxelType>> = {
  2: { bytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  4: { bytes: 2, view: (b, o, n) => new Int16Array(b, o, n) },
  8: { bytes: 4, view: (b, o, n) => new Int32Array(b, o, n) },
  16: { bytes: 4, view: (b, o, n) => new Float32Array(b, o, n) },
  512: { bytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
};

/** Decode a `.nii` or `.nii.gz` file. Throws KernelError `nifti.*` or `gzip.*` naming what is wrong. */
export async function decodeNifti(bytes: Uint8Array<ArrayBuffer>): Promise<Volume> {
  return parseNifti(isGzip(bytes) ? await gunzip(bytes) : bytes);
}

/** Read an uncompressed file; the voxels are a view of it, not a copy, where its alignment allows. */
export function parseNifti(bytes: Uint8Array<ArrayBuffer>): Volume {
  if (bytes.length < HEADER_BYTES + 4) {
    throw new KernelError('nifti.short', `The image is ${bytes.length} bytes long, too short for a NIfTI file.`);
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  checkMagic(header);
  const shape = readShape(header);
  const slope = header.getFloat32(112, true);
  const scaled = Number.isFinite(slope) && slope !== 0;
  const offset = header.getFloat32(108, true);
  const file = standalone(bytes);
  return {
    shape,
    voxels: readVoxels(file, offset, header.getInt16(70, true), shape[0] * shape[1] * shape[2]),
    slope: scaled ? slope : 1,
    intercept: scaled ? header.getFloat32(116, true) : 0,
    affine: readAffine(header),
    file,
  };
}

/** The file as a buffer of its own, so that it can be handed on and its views stay aligned. */
function standalone(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

function checkMagic(header: DataView): void {
  if (header.getInt32(0, true) !== HEADER_BYTES) {
    throw new KernelError('nifti.endian', 'The image is not a little-endian NIfTI-1 file; import it again.');
  }
  const magic = String.fromCharCode(...[344, 345, 346, 347].map((at) => header.getUint8(at)));
  if (magic !== MAGIC) throw new KernelError('nifti.magic', 'The image is not a single-file NIfTI-1 volume.');
}

function readShape(header: DataView): Vec3 {
  const dim = Array.from({ length: 8 }, (_, i) => header.getInt16(40 + 2 * i, true));
  const [rank = 0, i = 0, j = 0, k = 0, ...more] = dim;
  const flat = more.slice(0, Math.max(0, rank - 3)).every((n) => n === 1);
  if (rank < 3 || rank > 7 || !flat || Math.min(i, j, k) < 1) {
    throw new KernelError('nifti.shape', `The image is ${dim.slice(1, rank + 1).join(' × ')} voxels; 3-D is needed.`);
  }
  return [i, j, k];
}

function readVoxels(file: ArrayBuffer, offset: number, datatype: number, count: number): VoxelArray {
  const type = VOXEL_TYPES[datatype];
  if (!type) throw new KernelError('nifti.datatype', `The image has voxel type ${datatype}, which is not stored here.`);
  const needed = offset + count * type.bytes;
  if (!(offset >= HEADER_BYTES + 4) || file.byteLength < needed) {
    throw new KernelError('nifti.length', `The image is ${file.byteLength} bytes long but needs ${needed}.`);
  }
  if (offset % type.bytes === 0) return type.view(file, offset, count);
  return type.view(file.slice(offset, needed), 0, count);
}

function readAffine(header: DataView): Affine {
  if (header.getInt16(254, true) < 1) {
    throw new KernelError('nifti.sform', 'The image does not say where it lies (no sform); import it again.');
  }
  const row = (r: number): [number, number, number, number] => {
    const at = 280 + 16 * r;
    return [0, 4, 8, 12].map((step) => header.getFloat32(at + step, true)) as [number, number, number, number];
  };
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}
