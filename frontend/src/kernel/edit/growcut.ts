/**
 * Grow from seeds: every voxel of a box takes the label of the seed it is nearest to, where crossing an edge of the
 * image is a long way. The shortest-path form of GrowCut (Zhu et al., An effective interactive medical image
 * segmentation method using fast GrowCut, MICCAI 2014 workshop), with whole-number costs so that results are the same on
 * every machine.
 */
import { KernelError } from '../errors';
import type { Vec3, VoxelArray } from '../types';
import { boxSize, cut, forRows } from './volume';
import type { Box, LabelVolume, Proposal } from './volume';

export interface GrowCutOptions {
  /** Image values that are told apart; below and above count as its ends. */
  readonly window: readonly [number, number];
  /** Cost of crossing the whole window in one step, 1 to 4000; a step through even tissue costs 8 per smallest spacing. */
  readonly sensitivity: number;
  /** Seeds of this label mark background; in the proposal they become 0. */
  readonly backgroundSeed?: number;
}

const EVEN_STEP = 8;

/**
 * Proposal for a box from the labels already drawn in it as seeds, to be shown as a preview and committed or dropped.
 *
 * Steps go through faces. A step along an axis costs round(8 · spacing / smallest spacing) + round(sensitivity · change),
 * change being the difference of the values as a fraction of the window. Of equally near seeds the lower label wins.
 * Throws `growcut.seeds` when fewer than two labels are drawn in the box.
 */
export function growCut(volume: LabelVolume, image: VoxelArray, box: Box, options: GrowCutOptions): Proposal {
  const values = cut(volume, box);
  if (new Set(values.filter((value) => value > 0)).size < 2) {
    throw new KernelError('growcut.seeds', 'Growing needs seeds of two labels (one may mark background); draw both first.');
  }
  spread(values, boxSize(box), levels(volume, image, box, options), stepCosts(volume.spacing), options.sensitivity);
  if (options.backgroundSeed === undefined) return { box, values };
  return { box, values: values.map((value) => (value === options.backgroundSeed ? 0 : value)) };
}

const stepCosts = (spacing: Vec3): Vec3 =>
  spacing.map((mm) => Math.round((EVEN_STEP * mm) / Math.min(...spacing))) as unknown as Vec3;

/** Values as fractions of the window, times the sensitivity. */
function levels({ dims }: LabelVolume, image: VoxelArray, box: Box, { window: [low, high], sensitivity }: GrowCutOptions): Float64Array {
  const size = boxSize(box);
  const out = new Float64Array(size[0] * size[1] * size[2]);
  const scale = sensitivity / Math.max(1e-12, high - low);
  forRows(dims, box, (at, row, length) => {
    for (let i = 0; i < length; i += 1) out[row + i] = (Math.min(high, Math.max(low, image[at + i] as number)) - low) * scale;
  });
  return out;
}

/** Shortest paths with whole-number costs: a ring of buckets, each a chain of voxels (Dial 1969). */
class Buckets {
  private readonly head: Int32Array;
  private next: Int32Array;
  private voxel: Int32Array;
  private used = 0;
  private free = -1;
  private waiting = 0;

  constructor(private readonly ring: number) {
    this.head = new Int32Array(ring).fill(-1);
    this.next = new Int32Array(1024);
    this.voxel = new Int32Array(1024);
  }

  get empty(): boolean {
    return this.waiting === 0;
  }

  put(cost: number, voxel: number): void {
    const entry = this.take();
    const slot = cost % this.ring;
    this.voxel[entry] = voxel;
    this.next[entry] = this.head[slot] as number;
    this.head[slot] = entry;
    this.waiting += 1;
  }

  /** Next voxel waiting at this cost; −1 when there is none. */
  pop(cost: number): number {
    const slot = cost % this.ring;
    const entry = this.head[slot] as number;
    if (entry < 0) return -1;
    this.head[slot] = this.next[entry] as number;
    this.next[entry] = this.free;
    this.free = entry;
    this.waiting -= 1;
    return this.voxel[entry] as number;
  }

  private take(): number {
    if (this.free >= 0) {
      const entry = this.free;
      this.free = this.next[entry] as number;
      return entry;
    }
    if (this.used === this.next.length) {
      this.next = grown(this.next);
      this.voxel = grown(this.voxel);
    }
    this.used += 1;
    return this.used - 1;
  }
}

function grown(from: Int32Array): Int32Array {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}

/** Spread the seeds in `labels` (changed in place) over the box. */
function spread(labels: Uint8Array, size: Vec3, level: Float64Array, steps: Vec3, sensitivity: number): void {
  const cost = new Int32Array(labels.length).fill(0x7fffffff);
  const settled = new Uint8Array(labels.length);
  const buckets = new Buckets(Math.max(...steps) + Math.round(sensitivity) + 2);
  labels.forEach((label, at) => {
    if (label === 0) return;
    cost[at] = 0;
    buckets.put(0, at);
  });
  const [nx, ny] = size;
  const layer = nx * ny;
  const relax = (from: number, to: number, step: number): void => {
    if (settled[to] === 1) return;
    const reached = (cost[from] as number) + step + Math.round(Math.abs((level[from] as number) - (level[to] as number)));
    if (reached < (cost[to] as number)) {
      cost[to] = reached;
      labels[to] = labels[from] as number;
      buckets.put(reached, to);
    } else if (reached === cost[to] && (labels[from] as number) < (labels[to] as number)) labels[to] = labels[from] as number;
  };
  for (let now = 0; !buckets.empty; now += 1) {
    for (let at = buckets.pop(now); at >= 0; at = buckets.pop(now)) {
      if (settled[at] === 1) continue;
      settled[at] = 1;
      const x = at % nx;
      const y = ((at - x) / nx) % ny;
      if (x > 0) relax(at, at - 1, steps[0]);
      if (x < nx - 1) relax(at, at + 1, steps[0]);
      if (y > 0) relax(at, at - nx, steps[1]);
      if (y < ny - 1) relax(at, at + nx, steps[1]);
      if (at >= layer) relax(at, at - layer, steps[2]);
      if (at + layer < labels.length) relax(at, at + layer, steps[2]);
    }
  }
}
