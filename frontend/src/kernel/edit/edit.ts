/**
 * One change of the labels: a box, and run by run what was there and what is there now.
 *
 * Runs hold changed voxels only, so a step is small, can be taken back byte for byte, and tells counters and digests
 * what to update without a look at the rest of the volume.
 */
import { KernelError } from '../errors';
import type { Vec3 } from '../types';
import { boxSize, boxVoxels, forRows, joinBoxes } from './volume';
import type { Box, LabelVolume, Proposal, Region } from './volume';
import { ByteReader, ByteWriter } from './bytes';
import type { Writable } from './taxonomy';

/** `runs`: per run varint gap, varint length, old value, new value, along the box (x fastest). */
export interface Edit {
  readonly tool: string;
  readonly box: Box;
  readonly runs: Uint8Array;
  /** Number of changed voxels. */
  readonly voxels: number;
}

/** Give `label` to the voxels of a region that may be changed; null when none changes. */
export function paint(volume: LabelVolume, region: Region, label: number, may: Writable, tool: string): Edit | null {
  const { box, bits } = region;
  const idle = (row: number, length: number): boolean => !bits.subarray(row, row + length).includes(1);
  return diff(volume, box, (at, old) => (bits[at] === 1 && may[old] === 1 ? label : old), tool, idle);
}

/** Take over a proposal where it may change the volume; null when nothing changes. */
export function commit(volume: LabelVolume, proposal: Proposal, may: Writable, tool: string): Edit | null {
  return diff(volume, proposal.box, (at, old) => (may[old] === 1 ? (proposal.values[at] as number) : old), tool);
}

type NextValue = (inBox: number, old: number) => number;
/** True for a stretch of a row that surely does not change: a native search spares the look at its voxels. */
type Idle = (inBox: number, length: number) => boolean;

function diff(volume: LabelVolume, box: Box, next: NextValue, tool: string, idle: Idle = () => false): Edit | null {
  const tight = changedBox(volume, box, next, idle);
  if (tight === null) return null;
  const [nx, ny] = boxSize(box);
  const runs = new RunWriter();
  let at = 0;
  forRows(volume.dims, tight, (from, _, length) => {
    const y = Math.floor(at / length) % (tight.high[1] - tight.low[1]);
    const z = Math.floor(at / length / (tight.high[1] - tight.low[1]));
    const row = tight.low[0] - box.low[0] + nx * (y + tight.low[1] - box.low[1] + ny * (z + tight.low[2] - box.low[2]));
    if (!idle(row, length)) {
      for (let x = 0; x < length; x += 1) {
        const old = volume.labels[from + x] as number;
        const now = next(row + x, old);
        if (now !== old) runs.add(at + x, old, now);
      }
    }
    at += length;
  });
  return { tool, box: tight, ...runs.finish() };
}

function changedBox(volume: LabelVolume, box: Box, next: NextValue, idle: Idle): Box | null {
  let [x0, x1, y0, y1, z0, z1] = [Infinity, -1, Infinity, -1, Infinity, -1];
  const [nx, ny] = boxSize(box);
  forRows(volume.dims, box, (from, row, length) => {
    if (idle(row, length)) return;
    let [first, last] = [-1, -1];
    for (let x = 0; x < length; x += 1) {
      const old = volume.labels[from + x] as number;
      if (next(row + x, old) === old) continue;
      if (first < 0) first = x;
      last = x;
    }
    if (first < 0) return;
    const [y, z] = [Math.floor(row / nx) % ny, Math.floor(row / nx / ny)];
    [x0, x1] = [Math.min(x0, first), Math.max(x1, last)];
    [y0, y1] = [Math.min(y0, y), Math.max(y1, y)];
    [z0, z1] = [Math.min(z0, z), Math.max(z1, z)];
  });
  if (x1 < 0) return null;
  const [a, b, c] = box.low;
  return { low: [x0 + a, y0 + b, z0 + c], high: [x1 + a + 1, y1 + b + 1, z1 + c + 1] };
}

/** Joins neighbouring voxels with the same old and new value into runs. */
class RunWriter {
  private readonly out = new ByteWriter();
  private done = 0;
  private start = 0;
  private length = 0;
  private old = 0;
  private now = 0;
  private voxels = 0;

  add(at: number, old: number, now: number): void {
    if (this.length > 0 && at === this.start + this.length && old === this.old && now === this.now) {
      this.length += 1;
      return;
    }
    this.flush();
    [this.start, this.length, this.old, this.now] = [at, 1, old, now];
  }

  finish(): { runs: Uint8Array; voxels: number } {
    this.flush();
    return { runs: this.out.bytes(), voxels: this.voxels };
  }

  private flush(): void {
    if (this.length === 0) return;
    this.out.varint(this.start - this.done);
    this.out.varint(this.length);
    this.out.byte(this.old);
    this.out.byte(this.now);
    this.done = this.start + this.length;
    this.voxels += this.length;
    this.length = 0;
  }
}

/** Visit the changed voxels as stretches of a row: index in the grid, length, old and new value. */
export function walkEdit(
  edit: Edit,
  dims: Vec3,
  visit: (at: number, length: number, old: number, now: number) => void,
): void {
  const [width, height] = boxSize(edit.box);
  const [low, end] = [edit.box.low, boxVoxels(edit.box)];
  const reader = new ByteReader(edit.runs);
  let at = 0;
  while (!reader.done) {
    at += reader.varint();
    let left = reader.varint();
    const [old, now] = [reader.byte(), reader.byte()];
    if (left === 0 || at + left > end) throw damaged();
    while (left > 0) {
      const x = at % width;
      const row = (at - x) / width;
      const length = Math.min(left, width - x);
      const y = row % height;
      visit(low[0] + x + dims[0] * (low[1] + y + dims[1] * (low[2] + (row - y) / height)), length, old, now);
      at += length;
      left -= length;
    }
  }
}

function damaged(): KernelError {
  return new KernelError('edit.damaged', 'A stored drawing step is damaged; the last whole version is kept.');
}

/**
 * Draw an edit. Throws `edit.mismatch`, before it changes anything, when the volume does not hold what the edit was
 * made from.
 */
export function applyEdit(volume: LabelVolume, edit: Edit): void {
  write(volume, edit, true);
}

/** Take an edit back; the volume is byte for byte what it was. Throws `edit.mismatch` like `applyEdit`. */
export function revertEdit(volume: LabelVolume, edit: Edit): void {
  write(volume, edit, false);
}

function write(volume: LabelVolume, edit: Edit, forward: boolean): void {
  const { labels, dims } = volume;
  if (edit.box.high.some((at, axis) => at > (dims[axis] as number))) throw damaged();
  walkEdit(edit, dims, (at, length, old, now) => {
    const expected = forward ? old : now;
    for (let i = at; i < at + length; i += 1) if (labels[i] !== expected) throw mismatch(labels[i] ?? 0, expected);
  });
  walkEdit(edit, dims, (at, length, old, now) => labels.fill(forward ? now : old, at, at + length));
}

function mismatch(found: number, expected: number): KernelError {
  const sentence = `A drawing step expects label ${expected} where the segmentation has ${found}; load it again.`;
  return new KernelError('edit.mismatch', sentence);
}

/** One edit with the effect of several made one after the other (the moves of a stroke); null when nothing is left. */
export function mergeEdits(edits: readonly Edit[], tool: string): Edit | null {
  const [first] = edits;
  if (first === undefined) return null;
  const box = edits.map((edit) => edit.box).reduce(joinBoxes);
  const size = boxSize(box);
  const [before, after, touched] = [0, 0, 0].map(() => new Uint8Array(boxVoxels(box))) as [Uint8Array, Uint8Array, Uint8Array];
  for (const edit of edits) {
    const moved: Edit = { ...edit, box: inside(edit.box, box.low) };
    walkEdit(moved, size, (at, length, old, now) => {
      for (let i = at; i < at + length; i += 1) if (touched[i] === 0) before[i] = old;
      touched.fill(1, at, at + length);
      after.fill(now, at, at + length);
    });
  }
  const local: LabelVolume = { labels: before, dims: size, spacing: [1, 1, 1], affine: IDENTITY };
  const edit = diff(local, { low: [0, 0, 0], high: size }, (at, old) => (touched[at] === 1 ? (after[at] as number) : old), tool);
  return edit === null ? null : { ...edit, box: outside(edit.box, box.low) };
}

const IDENTITY = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
] as const;

const move = ([x, y, z]: Vec3, by: Vec3, sign: 1 | -1): Vec3 => [x + sign * by[0], y + sign * by[1], z + sign * by[2]];
const inside = (box: Box, low: Vec3): Box => ({ low: move(box.low, low, -1), high: move(box.high, low, -1) });
const outside = (box: Box, low: Vec3): Box => ({ low: move(box.low, low, 1), high: move(box.high, low, 1) });

/** Bytes of an edit: tool name, box, number of voxels, runs. */
export function encodeEdit(edit: Edit): Uint8Array {
  const out = new ByteWriter();
  out.text(edit.tool);
  for (const at of [...edit.box.low, ...edit.box.high, edit.voxels]) out.varint(at);
  out.block(edit.runs);
  return out.bytes();
}

/** The edit that `encodeEdit` wrote. Throws `edit.damaged` when the bytes are not whole. */
export function decodeEdit(bytes: Uint8Array): Edit {
  const reader = new ByteReader(bytes);
  const tool = reader.text();
  const three = (): Vec3 => [reader.varint(), reader.varint(), reader.varint()];
  const [low, high, voxels] = [three(), three(), reader.varint()];
  const runs = reader.block();
  if (!reader.done || low.some((at, axis) => at >= (high[axis] as number))) throw damaged();
  return { tool, box: { low, high }, runs, voxels };
}

/** Bytes of memory that a step takes. */
export const editBytes = (edit: Edit): number => edit.runs.length + 128;
