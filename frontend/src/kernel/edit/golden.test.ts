import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Affine, Plane, Vec3 } from '../types';
import { combine } from './boolean';
import type { BooleanOperation } from './boolean';
import { capsule, withinRange } from './brush';
import type { Connectivity } from './components';
import { applyEdit, commit, paint, revertEdit } from './edit';
import type { Edit } from './edit';
import { flood, grow } from './flood';
import type { FloodOptions, GrowOptions } from './flood';
import { growCut } from './growcut';
import { allButLargest, clickedIsland, holes, smallIslands } from './islands';
import { closing, gaussian, margin, median, opening } from './morphology';
import { ellipse, polygon, rectangle } from './shapes';
import type { FillRule, Point } from './shapes';
import { copySlice, interpolate, wholeSlice } from './slices';
import { erasable, writable } from './taxonomy';
import type { OverwritePolicy, Taxonomy } from './taxonomy';
import { boxVoxels, labelVolume } from './volume';
import type { Box, LabelVolume, Proposal, Region } from './volume';

interface Case {
  readonly tool: string;
  readonly dims: Vec3;
  readonly spacing: Vec3;
  /** Numbers of stored arrays. */
  readonly before: number;
  readonly image?: number;
  readonly other?: number;
  /** What is added to the labels, modulo 256. */
  readonly change: string;
  readonly with: Given;
}

const { arrays, cases } = JSON.parse(readFileSync(new URL('../../../tests/golden/edit.json', import.meta.url), 'utf8')) as {
  readonly arrays: readonly string[];
  readonly cases: readonly Case[];
};
const unpack = (packed: string): Uint8Array<ArrayBuffer> => new Uint8Array(gunzipSync(Buffer.from(packed, 'base64')));
const bytes = (number = -1): Uint8Array<ArrayBuffer> => unpack(arrays[number] ?? '');

function wanted(one: Case): Uint8Array {
  const change = unpack(one.change);
  return bytes(one.before).map((label, at) => (label + (change[at] as number)) % 256);
}
const ALL = new Uint8Array(256).fill(1);

function affineOf([a, b, c]: Vec3): Affine {
  return [[a, 0, 0, 0], [0, b, 0, 0], [0, 0, c, 0], [0, 0, 0, 1]];
}

function volumeOf(one: Case, number: number | undefined = one.before): LabelVolume {
  return labelVolume(bytes(number), one.dims, one.spacing, affineOf(one.spacing));
}

const imageOf = (one: Case): Int16Array => new Int16Array(bytes(one.image).buffer);

/** Label 3 is locked in the policy and eraser cases. */
const TAXONOMY: Taxonomy = [1, 2, 3].map((value) => ({
  value,
  name: `label ${value}`,
  colour: [255, 0, 0],
  visible: true,
  locked: value === 3,
}));

const BLOCK: Box = { low: [3, 4, 2], high: [18, 15, 11] };
const block = (): Region => ({ box: BLOCK, bits: new Uint8Array(boxVoxels(BLOCK)).fill(1) });

/** The parameters of all tools; each case holds those of its own. */
interface Given extends Box, GrowOptions {
  readonly mm: number;
  readonly start: Vec3;
  readonly end: Vec3;
  readonly plane: Plane;
  readonly over: OverwritePolicy['over'];
  readonly label: number;
  readonly seed: Vec3;
  readonly tolerance: number;
  readonly connectivity: Connectivity;
  readonly cap: number | null;
  readonly window: readonly [number, number];
  readonly range: readonly [number, number];
  readonly sensitivity: number;
  readonly background: number;
  readonly points: readonly Point[];
  readonly rule: FillRule;
  readonly a: Point;
  readonly b: Point;
  readonly mm3: number;
  readonly others: boolean;
  readonly operation: BooleanOperation;
}

type Run = (volume: LabelVolume, given: Given, one: Case) => Edit | null;

const painting =
  (label: number, region: (volume: LabelVolume, given: Given, one: Case) => Region | null): Run =>
  (volume, given, one) => {
    const found = region(volume, given, one);
    return found && paint(volume, found, label, ALL, one.tool);
  };

const proposing =
  (propose: (volume: LabelVolume, given: Given, one: Case) => Proposal | null): Run =>
  (volume, given, one) => {
    const found = propose(volume, given, one);
    return found && commit(volume, found, ALL, one.tool);
  };

function floodOptions(given: Given): FloodOptions {
  const { connectivity, cap } = given;
  return { connectivity, ...('plane' in given && { plane: given.plane }), ...(cap !== null && { capMm: cap }) };
}

function policyOf(given: Given): OverwritePolicy {
  const { over, label } = given;
  return over === 'label' ? { over, label } : { over };
}

const RUN: Readonly<Record<string, Run>> = {
  sphere: painting(4, (v, g) => capsule(v, { shape: 'sphere', diameterMm: g.mm }, g.start, g.end)),
  disc: painting(4, (v, g) =>
    capsule(v, { shape: 'disc', plane: g.plane, diameterMm: g.mm }, g.start, g.end),
  ),
  policy: (v, g) => paint(v, block(), 1, writable(TAXONOMY, policyOf(g)), 'rectangle'),
  eraser: (v, g) => paint(v, block(), 0, erasable(TAXONOMY, g.label), 'eraser'),
  threshold: painting(4, (v, g, one) => withinRange(block(), imageOf(one), v.dims, ...g.range)),
  flood: painting(4, (v, g, one) => flood(v, imageOf(one), g.seed, g.tolerance, floodOptions(g))),
  grow: painting(1, (v, g, one) => grow(v, imageOf(one), g.seed, g)),
  growcut: proposing((v, g, one) =>
    growCut(v, imageOf(one), g, {
      window: g.window,
      sensitivity: g.sensitivity,
      backgroundSeed: g.background,
    }),
  ),
  polygon: painting(4, (v, g) => polygon(v, { plane: g.plane, slice: 5 }, g.points, g.rule)),
  rectangle: painting(4, (v, g) => rectangle(v, { plane: g.plane, slice: 5 }, g.a, g.b)),
  ellipse: painting(4, (v, g) => ellipse(v, { plane: g.plane, slice: 5 }, g.a, g.b)),
  interpolate: proposing((v, g) => interpolate(v, g.plane, [2, 1])),
  copy: proposing((v, g) => copySlice(v, g.plane, 6, 7, g.label)),
  clear: painting(0, (v, g) => wholeSlice(v, g.plane, 7)),
  largest: painting(0, (v, g) => allButLargest(v, 1, g.connectivity)),
  small: painting(0, (v, g) => smallIslands(v, 1, g.mm3, g.connectivity)),
  click: painting(0, (v, g) => clickedIsland(v, g.seed, g.connectivity, g.others)),
  holes: painting(1, (v, g) => holes(v, 1, g.plane)),
  margin: proposing((v, g) => margin(v, 1, g.mm)),
  closing: proposing((v, g) => closing(v, 1, g.mm)),
  opening: proposing((v, g) => opening(v, 1, g.mm)),
  gaussian: proposing((v, g) => gaussian(v, 1, g.mm)),
  median: proposing((v, g) => median(v, 1, g.radius)),
  combine: proposing((v, g, one) => combine(v, 1, g.operation, volumeOf(one, one.other), 2)),
};

function different(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((count, value, at) => count + Number(value !== b[at]), 0);
}

describe('drawing tools against numpy, scipy and SimpleITK', () => {
  it.each(Object.keys(RUN))('%s changes exactly the voxels that the reference changes, and undoes them', (tool) => {
    const mine = cases.filter((one) => one.tool === tool);
    expect(mine.length).toBeGreaterThan(0);
    for (const one of mine) {
      const volume = volumeOf(one);
      const edit = RUN[tool]?.(volume, one.with, one) ?? null;
      expect(volume.labels).toEqual(bytes(one.before));
      if (edit !== null) applyEdit(volume, edit);
      const wrong = different(volume.labels, wanted(one));
      expect(wrong, `${JSON.stringify(one.with).slice(0, 200)} spacing ${one.spacing.join(' ')}`).toBe(0);
      expect(edit?.voxels ?? 0).toBe(different(bytes(one.before), wanted(one)));
      if (edit !== null) revertEdit(volume, edit);
      expect(volume.labels).toEqual(bytes(one.before));
    }
  });

  it('has a case for every tool, and no case without one', () => {
    expect([...new Set(cases.map(({ tool }) => tool))].sort()).toEqual(Object.keys(RUN).sort());
  });

  it('has references that change something in almost every case', () => {
    const idle = cases.filter((one) => unpack(one.change).every((change) => change === 0));
    expect(idle.length).toBeLessThan(cases.length / 10);
  });
});
