/** Shared shapes of the kernel: geometry in millimetres (RAS+), voxels as typed arrays, colours as 0-255 triples. */

/** Three numbers: voxel indices, or millimetres in RAS+ (x to the Right, y to the Anterior, z to the Superior). */
export type Vec3 = readonly [number, number, number];

/** Four rows of four: voxel index (i, j, k, 1) to millimetres, as nibabel's `img.affine`. */
export type Affine = readonly [
  readonly [number, number, number, number],
  readonly [number, number, number, number],
  readonly [number, number, number, number],
  readonly [number, number, number, number],
];

export type VoxelArray = Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array;

/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [number, number, number];

export type Plane = 'axial' | 'coronal' | 'sagittal';
export const PLANES: readonly Plane[] = ['axial', 'coronal', 'sagittal'];

/** One decoded image of a case: voxels in the stored (native) order, i fastest, and where they lie. */
export interface Volume {
  readonly shape: Vec3;
  readonly voxels: VoxelArray;
  /** Value = voxel × slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  readonly affine: Affine;
  /** The uncompressed NIfTI file that `voxels` is a view of. */
  readonly file: ArrayBuffer;
}

/** Several masks on one grid as one byte per voxel: code = a + b·base + c·base² …, digit 0 is background. */
export interface PackedCandidates {
  readonly codes: Uint8Array;
  readonly base: number;
  /** Order of `codes`: 'ras' (x to the right fastest; what the server sends) or the volume's own stored order. */
  readonly order: 'ras' | 'native';
}

/** Display window in image values: `low` and below is black, `high` and above is white. */
export interface Window {
  readonly low: number;
  readonly high: number;
}
