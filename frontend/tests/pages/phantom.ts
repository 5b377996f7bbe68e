/**
 * A made-up head for the browser tests: an ellipsoid with a bright ball on the patient's left, in front, above the
 * middle, and three balls of different size around it as candidates. Positions are in millimetres, so that every
 * orientation of the grid must show the same picture.
 */
import { voxelToMm } from '../../src/kernel/affine';
import type { Affine, PackedCandidates, Vec3, Volume } from '../../src/kernel/types';
import type { SlotStyle, ViewerPresentation } from '../../src/viewer/port';

export const LESION_MM: Vec3 = [-14, 10, 8];
export const RADII_MM = [9, 11, 7];

export const SLOTS: readonly SlotStyle[] = [
  { letter: 'A', colour: [230, 159, 0], lineStyle: 'solid' },
  { letter: 'B', colour: [86, 180, 233], lineStyle: 'long-dash' },
  { letter: 'C', colour: [204, 121, 167], lineStyle: 'short-dash' },
];

const CENTRES_MM: readonly Vec3[] = [LESION_MM, [-12, 11, 8], [-16, 9, 8]];

/** Affine with these columns, centred on the origin. */
export function centred(columns: readonly [Vec3, Vec3, Vec3], shape: Vec3): Affine {
  const row = (r: 0 | 1 | 2): [number, number, number, number] => {
    const [a, b, c] = [columns[0][r], columns[1][r], columns[2][r]];
    return [a, b, c, -(a * (shape[0] - 1) + b * (shape[1] - 1) + c * (shape[2] - 1)) / 2];
  };
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}

const turn = (degrees: number): [number, number] => {
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle)];
};

function grids(): Record<string, { shape: Vec3; affine: Affine }> {
  const shape: Vec3 = [64, 64, 48];
  const [c, s] = turn(20);
  return {
    ras: { shape, affine: centred([[1.5, 0, 0], [0, 1.5, 0], [0, 0, 2]], shape) },
    lps: { shape, affine: centred([[-1.5, 0, 0], [0, -1.5, 0], [0, 0, 2]], shape) },
    asr: { shape, affine: centred([[0, 1.5, 0], [0, 0, 1.5], [2, 0, 0]], shape) },
    oblique: { shape, affine: centred([[1.5 * c, 1.5 * s, 0], [-1.5 * s, 1.5 * c, 0], [0, 0, 2]], shape) },
    thick: { shape: [64, 64, 24], affine: centred([[-1.5, 0, 0], [0, -1.5, 0], [0, 0, 4]], [64, 64, 24]) },
  };
}

export type GridName = keyof ReturnType<typeof grids>;

const distance = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

function intensity(mm: Vec3): number {
  const head = Math.hypot(mm[0] / 40, mm[1] / 45, mm[2] / 42);
  if (head > 1) return 0;
  if (distance(mm, LESION_MM) < 10) return 900;
  return 300 + 120 * Math.sin(mm[0] / 5) * Math.cos(mm[1] / 6) + (head > 0.92 ? 250 : 0);
}

function build(shape: Vec3, affine: Affine): { volume: Volume; codes: Uint8Array } {
  const voxels = new Int16Array(shape[0] * shape[1] * shape[2]);
  const codes = new Uint8Array(voxels.length);
  let at = 0;
  for (let k = 0; k < shape[2]; k += 1) {
    for (let j = 0; j < shape[1]; j += 1) {
      for (let i = 0; i < shape[0]; i += 1, at += 1) {
        const mm = voxelToMm(affine, [i, j, k]);
        voxels[at] = Math.round(intensity(mm));
        codes[at] = CENTRES_MM.reduce(
          (code, centre, slot) => code + (distance(mm, centre) < (RADII_MM[slot] ?? 0) ? 6 ** slot : 0),
          0,
        );
      }
    }
  }
  return { volume: { shape, voxels, slope: 1, intercept: 0, affine, file: voxels.buffer }, codes };
}

export function phantom(name: GridName = 'lps', names: readonly string[] = ['T2']): ViewerPresentation {
  const grid = grids()[name];
  if (!grid) throw new Error(`no grid ${name}`);
  const { volume, codes } = build(grid.shape, grid.affine);
  const candidates: PackedCandidates = { codes, base: 6, order: 'native' };
  return { sequences: names.map((sequence) => ({ name: sequence, volume, candidates })), slots: SLOTS };
}
