/** Small heads for the reading tests, as the server sends them: gzip NIfTI-1 in LPS order, packed masks in RAS order. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export const SHAPE = [64, 64, 48] as const;
const SPACING = [2.5, 2.5, 3] as const;

type Point = readonly [number, number, number];

export interface Blob {
  readonly bytes: Buffer;
  readonly hex: string;
  readonly base64: string;
}

export function blob(raw: Uint8Array): Blob {
  const bytes = gzipSync(raw);
  const digest = createHash('sha256').update(bytes).digest();
  return { bytes, hex: digest.toString('hex'), base64: digest.toString('base64') };
}

const centred = (at: number, axis: 0 | 1 | 2): number => (at - (SHAPE[axis] - 1) / 2) * SPACING[axis];

/** A number in [0, 1) from three integers, the same in every run. */
function noise(x: number, y: number, z: number): number {
  const value = Math.sin(x * 12.9898 + y * 78.233 + z * 37.719) * 43758.5453;
  return value - Math.floor(value);
}

const lesion = (seed: number): Point => [-22 + 9 * (seed % 4), 14 - 6 * (seed % 3), 8 + 4 * (seed % 5)];

function intensity(mm: Point, seed: number, contrast: number): number {
  const skull = Math.hypot(mm[0] / 68, mm[1] / 76, mm[2] / 66);
  if (skull > 1) return 0;
  const grain = 60 * noise(mm[0] + seed, mm[1], mm[2]);
  if (skull > 0.93) return 620 + grain;
  const [x, y, z] = lesion(seed);
  const away = Math.hypot(mm[0] - x, (mm[1] - y) * 0.9, mm[2] - z);
  const folds = 60 * Math.sin(mm[0] / 6 + seed) * Math.cos(mm[1] / 7) * Math.sin(mm[2] / 8 + 1);
  const ventricle = Math.hypot((Math.abs(mm[0]) - 9) / 7, mm[1] / 20, (mm[2] - 6) / 10) < 1 ? 330 : 0;
  return 300 + folds + ventricle + grain + (away < 17 ? contrast * (1 - (away / 17) ** 3) : 0);
}

/** Visit every voxel as (x, y, z) to the right, front and top, x fastest. */
function everyVoxel(visit: (mm: Point, ras: Point, at: number) => void): void {
  let at = 0;
  for (let z = 0; z < SHAPE[2]; z += 1)
    for (let y = 0; y < SHAPE[1]; y += 1)
      for (let x = 0; x < SHAPE[0]; x += 1, at += 1)
        visit([centred(x, 0), centred(y, 1), centred(z, 2)], [x, y, z], at);
}

export function volume(seed: number, contrast: number): Uint8Array {
  const file = Buffer.alloc(352 + SHAPE[0] * SHAPE[1] * SHAPE[2] * 2);
  header(file);
  everyVoxel((mm, [x, y, z]) => {
    const stored = SHAPE[0] - 1 - x + SHAPE[0] * (SHAPE[1] - 1 - y + SHAPE[1] * z);
    file.writeInt16LE(Math.round(intensity(mm, seed, contrast)), 352 + 2 * stored);
  });
  return file;
}

function header(file: Buffer): void {
  file.writeInt32LE(348, 0);
  [3, ...SHAPE, 1, 1, 1, 1].forEach((extent, at) => file.writeInt16LE(extent, 40 + 2 * at));
  file.writeInt16LE(4, 70);
  file.writeInt16LE(16, 72);
  [1, ...SPACING].forEach((size, at) => file.writeFloatLE(size, 76 + 4 * at));
  file.writeFloatLE(352, 108);
  file.writeFloatLE(1, 112);
  file.writeUInt8(10, 123);
  file.writeInt16LE(1, 254);
  const rows = [
    [-SPACING[0], 0, 0, centred(SHAPE[0] - 1, 0)],
    [0, -SPACING[1], 0, centred(SHAPE[1] - 1, 1)],
    [0, 0, SPACING[2], centred(0, 2)],
  ];
  rows.flat().forEach((value, at) => file.writeFloatLE(value, 280 + 4 * at));
  file.write('n+1\0', 344, 'latin1');
}

/** Three outlines around the lesion, each with two labels; `empty` slots have none. */
export function masks(seed: number, empty: readonly number[] = []): Uint8Array {
  const codes = new Uint8Array(SHAPE[0] * SHAPE[1] * SHAPE[2]);
  const [x, y, z] = lesion(seed);
  everyVoxel((mm, [i, j, k], at) => {
    const away = Math.hypot(mm[0] - x, (mm[1] - y) * 0.9, mm[2] - z);
    const wobble = 2.5 * noise(i >> 2, j >> 2, k);
    const radii = [15.5, 14 + wobble, 17.5 - wobble];
    codes[at] = radii.reduce((code, radius, slot) => {
      const label = empty.includes(slot) || away > radius ? 0 : away > 7 ? 1 : 2;
      return code + label * 6 ** slot;
    }, 0);
  });
  return codes;
}
