/** What is counted over packed masks in RAS order: the largest slice of the union, and how many slots agree. */
import { memberTable } from './packing';
import { PLANE_AXES } from './planes';
import { PLANES } from './types';
import type { Plane, Vec3 } from './types';

/** Voxels of the union (any slot not background) in every slice of the three planes. */
export type UnionProfile = Readonly<Record<Plane, Uint32Array>>;

/** One pass over the codes (RAS order). Only codes that mark a slot count, whatever unused digits hold. */
export function unionProfile(codes: Uint8Array, dims: Vec3, base: number, slots: number): UnionProfile {
  const counts = PLANES.map((plane) => new Uint32Array(dims[PLANE_AXES[plane].n]));
  const [axial, coronal, sagittal] = counts as [Uint32Array, Uint32Array, Uint32Array];
  const members = memberTable(base, slots);
  const [nx, ny, nz] = dims;
  let at = 0;
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      for (let x = 0; x < nx; x += 1, at += 1) {
        if (members[codes[at] as number] === 0) continue;
        axial[z] = (axial[z] as number) + 1;
        coronal[y] = (coronal[y] as number) + 1;
        sagittal[x] = (sagittal[x] as number) + 1;
      }
    }
  }
  return { axial, coronal, sagittal };
}

/** Slice with most voxels (the lowest of equals); null when the union is empty. */
export function largestSlice(counts: Uint32Array): number | null {
  let best = -1;
  let most = 0;
  counts.forEach((count, slice) => {
    if (count > most) [best, most] = [slice, count];
  });
  return best < 0 ? null : best;
}

/** Centre of the union on one slice, rounded to a voxel; null when it is empty there. */
export function unionCentre(labels: Uint8Array, width: number): readonly [number, number] | null {
  let [sumU, sumV, count] = [0, 0, 0];
  labels.forEach((bits, at) => {
    if (bits === 0) return;
    sumU += at % width;
    sumV += Math.floor(at / width);
    count += 1;
  });
  return count === 0 ? null : [Math.round(sumU / count), Math.round(sumV / count)];
}

/** Of `slots` masks, how a voxel that `count` of them include is shown. */
export type Agreement = 'none' | 'one' | 'some' | 'all';

export function agreement(count: number, slots: number): Agreement {
  if (count === 0) return 'none';
  if (count === slots) return 'all';
  return count === 1 ? 'one' : 'some';
}
