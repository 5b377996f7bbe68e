/**
 * Connected components by rows: each row of a mask is cut into runs, and runs that touch are joined (union-find).
 *
 * Work grows with the number of runs, not of voxels, so nine million voxels take a fraction of a second.
 */
import type { Vec3 } from '../types';

/** Neighbours that count as touching: 6 share a face, 18 an edge, 26 a corner (4 and 8 when the box is one slice). */
export type Connectivity = 6 | 18 | 26;

/** Components of a mask: run r covers voxels start[r] to start[r] + length[r] − 1 and belongs to component of[r]. */
export interface Components {
  readonly count: number;
  readonly start: Int32Array;
  readonly length: Int32Array;
  readonly of: Int32Array;
  /** Voxels of each component. Components are numbered by their first voxel. */
  readonly sizes: Int32Array;
}

/** Components of a 0/1 mask of this size. An empty mask has none. */
export function components(mask: Uint8Array, size: Vec3, connectivity: Connectivity): Components {
  const runs = findRuns(mask, size);
  const parent = new Int32Array(runs.start.length);
  for (let run = 0; run < parent.length; run += 1) parent[run] = run;
  joinRows(runs, size, connectivity, parent);
  return number(runs, parent);
}

interface Runs {
  readonly start: Int32Array;
  readonly length: Int32Array;
  /** Index of the first run of each row; one more entry than rows. */
  readonly rows: Int32Array;
}

/** Runs by native searches for the next 1. */
function findRuns(mask: Uint8Array, [width, ny, nz]: Vec3): Runs {
  const [start, length]: [number[], number[]] = [[], []];
  const rows = new Int32Array(ny * nz + 1);
  let row = -1;
  for (let at = mask.indexOf(1); at >= 0; ) {
    const here = Math.floor(at / width);
    while (row < here) rows[(row += 1)] = start.length;
    const end = (here + 1) * width;
    start.push(at);
    let stop = at + 1;
    while (stop < end && mask[stop] === 1) stop += 1;
    length.push(stop - at);
    at = stop < mask.length ? mask.indexOf(1, stop) : -1;
  }
  rows.fill(start.length, row + 1);
  return { start: Int32Array.from(start), length: Int32Array.from(length), rows };
}

/** Rows before a row that can touch it: steps in y and z, and how far apart runs may end (0 overlap, 1 diagonal). */
function earlierRows(connectivity: Connectivity): readonly (readonly [number, number, number])[] {
  const edge = connectivity > 6 ? 1 : 0;
  const faces = [[-1, 0, edge], [0, -1, edge]] as const;
  if (edge === 0) return faces;
  const corner = connectivity === 26 ? 1 : 0;
  return [...faces, [-1, -1, corner], [1, -1, corner]];
}

function joinRows(runs: Runs, [width, ny, nz]: Vec3, connectivity: Connectivity, parent: Int32Array): void {
  const neighbours = earlierRows(connectivity);
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      for (const [dy, dz, slack] of neighbours) {
        if (y + dy < 0 || y + dy >= ny || z + dz < 0) continue;
        joinPair(runs, y + ny * z, y + dy + ny * (z + dz), width, slack, parent);
      }
    }
  }
}

/** Join the touching runs of two rows, which are sorted. */
function joinPair({ start, length, rows }: Runs, here: number, there: number, width: number, slack: number, parent: Int32Array): void {
  let [a, b] = [rows[here] as number, rows[there] as number];
  const [endA, endB] = [rows[here + 1] as number, rows[there + 1] as number];
  while (a < endA && b < endB) {
    const [fromA, fromB] = [(start[a] as number) - here * width, (start[b] as number) - there * width];
    const [toA, toB] = [fromA + (length[a] as number), fromB + (length[b] as number)];
    if (fromA < toB + slack && fromB < toA + slack) join(parent, a, b);
    if (toA < toB) a += 1;
    else b += 1;
  }
}

function root(parent: Int32Array, run: number): number {
  let at = run;
  for (let up = parent[at] as number; up !== at; up = parent[at] as number) {
    parent[at] = parent[up] as number;
    at = up;
  }
  return at;
}

function join(parent: Int32Array, a: number, b: number): void {
  const [p, q] = [root(parent, a), root(parent, b)];
  if (p < q) parent[q] = p;
  else parent[p] = q;
}

function number({ start, length }: Runs, parent: Int32Array): Components {
  const of = new Int32Array(parent.length);
  const sizes: number[] = [];
  for (let run = 0; run < parent.length; run += 1) {
    const first = root(parent, run);
    if (first === run) {
      of[run] = sizes.length;
      sizes.push(0);
    } else of[run] = of[first] as number;
    const id = of[run] as number;
    sizes[id] = (sizes[id] as number) + (length[run] as number);
  }
  return { count: sizes.length, start, length, of, sizes: Int32Array.from(sizes) };
}

/** Mask of the components that are wanted. */
export function select(found: Components, voxels: number, wanted: (component: number) => boolean): Uint8Array {
  const keep = Uint8Array.from({ length: found.count }, (_, id) => (wanted(id) ? 1 : 0));
  const bits = new Uint8Array(voxels);
  for (let run = 0; run < found.of.length; run += 1) {
    if (keep[found.of[run] as number] !== 1) continue;
    const start = found.start[run] as number;
    bits.fill(1, start, start + (found.length[run] as number));
  }
  return bits;
}

/** Component that holds a voxel; −1 when it lies in none. */
export function componentAt(found: Components, index: number): number {
  let [low, high] = [0, found.start.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((found.start[middle] as number) <= index) low = middle + 1;
    else high = middle;
  }
  const run = low - 1;
  const inside = run >= 0 && index < (found.start[run] as number) + (found.length[run] as number);
  return inside ? (found.of[run] as number) : -1;
}
