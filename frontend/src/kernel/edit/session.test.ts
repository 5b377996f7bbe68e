import { describe, expect, it } from 'vitest';
import type { Affine } from '../types';
import { withinRange } from './brush';
import { checkBeforeSubmit } from './checks';
import type { Finding } from './checks';
import { difference, LabelCounts } from './counts';
import { applyEdit } from './edit';
import { growCut } from './growcut';
import { rasIntensities } from './intensities';
import { drawnSlices, interpolate } from './slices';
import { blank, fillBox, randomNumbers } from './random.testing';
import { EditSession } from './session';
import type { StrokeStyle } from './session';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { andLabel, checkTaxonomy, withLabel, writable } from './taxonomy';
import { DirtyBoxes, splitBox, UPLOAD_LIMIT, uploads } from './upload';
import { boxVoxels, emptyVolume, labelVolume, voxelMm3 } from './volume';
import type { LabelVolume } from './volume';

const ALL = new Uint8Array(256).fill(1);
const style = (more: Partial<StrokeStyle> = {}): StrokeStyle => ({
  tool: 'brush',
  brush: { shape: 'disc', plane: 'axial', diameterMm: 10 },
  label: 1,
  may: ALL,
  ...more,
});

/** A volume whose label bytes count how often they are read or written one by one or as a stretch. */
function counted(volume: LabelVolume): { volume: LabelVolume; touched: () => number; reset: () => void } {
  let count = 0;
  const labels = new Proxy(volume.labels, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) count += 1;
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: number[]) => {
        const [from, to] = key === 'fill' ? given.slice(1) : given;
        count += (to ?? target.length) - (from ?? 0);
        return (value as (...all: number[]) => unknown).apply(target, given);
      };
    },
  });
  return { volume: { ...volume, labels }, touched: () => count, reset: () => (count = 0) };
}

describe('a brush move', () => {
  it('touches a few times its own box, never the whole volume', () => {
    const { volume, touched, reset } = counted(blank([240, 240, 40]));
    const session = new EditSession(volume, () => undefined);
    session.begin(style(), [100, 100, 20]);
    session.dirty.clear();
    for (let x = 103; x < 140; x += 3) {
      reset();
      session.move([x, 100 + (x - 100) / 10, 20]);
      const upload = session.dirty.next(volume);
      expect(touched()).toBeGreaterThan(0);
      expect(touched()).toBeLessThan(10 * 14 * 12);
      expect(upload?.bytes.length).toBeLessThanOrEqual(14 * 12);
      expect(session.dirty.next(volume)).toBeNull();
    }
    reset();
    session.end();
    session.undo();
    expect(touched()).toBeLessThan(240 * 240 * 40 * 0.01);
  });

  it('sends at most 64 KB at once however large and fast the brush', () => {
    const session = new EditSession(blank([200, 200, 60], [0.5, 0.5, 0.5]), () => undefined);
    session.begin(style({ brush: { shape: 'sphere', diameterMm: 30 } }), [40, 40, 30]);
    session.move([160, 150, 30]);
    session.end();
    const sent: number[] = [];
    const screen = new Uint8Array(session.volume.labels.length);
    for (let next = session.dirty.next(session.volume); next !== null; next = session.dirty.next(session.volume)) {
      sent.push(next.bytes.length);
      copyInto(screen, session.volume, next);
    }
    expect(Math.max(...sent)).toBeLessThanOrEqual(UPLOAD_LIMIT);
    expect(Buffer.compare(screen, session.volume.labels)).toBe(0);
  });

  it('joins the moves of one frame into one upload', () => {
    const session = new EditSession(blank([100, 100, 10]), () => undefined);
    session.begin(style(), [20, 20, 5]);
    for (let x = 21; x < 30; x += 1) session.move([x, 20, 5]);
    expect(session.dirty.next(session.volume)).not.toBeNull();
    expect(session.dirty.next(session.volume)).toBeNull();
  });

  it('leaves no gap between two far samples', () => {
    const session = new EditSession(blank([100, 20, 3]), () => undefined);
    session.begin(style({ brush: { shape: 'disc', plane: 'axial', diameterMm: 2 } }), [5, 10, 1]);
    session.move([95, 10, 1]);
    for (let x = 5; x <= 95; x += 1) expect(session.volume.labels[x + 100 * (10 + 20)]).toBe(1);
  });
});

function copyInto(screen: Uint8Array, volume: LabelVolume, { box, bytes }: { box: { low: readonly number[]; high: readonly number[] }; bytes: Uint8Array }): void {
  let at = 0;
  for (let z = box.low[2] as number; z < (box.high[2] as number); z += 1) {
    for (let y = box.low[1] as number; y < (box.high[1] as number); y += 1) {
      for (let x = box.low[0] as number; x < (box.high[0] as number); x += 1, at += 1) {
        screen[x + volume.dims[0] * (y + volume.dims[1] * z)] = bytes[at] as number;
      }
    }
  }
}

describe('a stroke', () => {
  it('is one step and one journal record, whatever its moves', () => {
    const records: number[] = [];
    const session = new EditSession(blank([50, 50, 5]), (_, sequence) => records.push(sequence));
    session.begin(style(), [10, 10, 2]);
    session.move([20, 20, 2]);
    session.move([30, 10, 2]);
    session.end();
    session.undo();
    expect(session.volume.labels.every((label) => label === 0)).toBe(true);
    expect(records).toEqual([1, 2]);
  });

  it('leaves no trace when it is cancelled', () => {
    const records: number[] = [];
    const session = new EditSession(blank([50, 50, 5]), (_, sequence) => records.push(sequence));
    session.begin(style(), [10, 10, 2]);
    session.move([20, 20, 2]);
    session.cancel();
    expect(session.volume.labels.every((label) => label === 0)).toBe(true);
    expect([session.counts.count(1), session.digest, records.length]).toEqual([0, '0'.repeat(16), 0]);
  });

  it('paints only inside the chosen range of values', () => {
    const session = new EditSession(blank([50, 50, 5]), () => undefined);
    const image = Int16Array.from({ length: 50 * 50 * 5 }, (_, at) => at % 50);
    session.begin(style({ narrow: (region) => withinRange(region, image, [50, 50, 5], 8, 11) }), [10, 10, 2]);
    session.end();
    const columns = new Set<number>();
    session.volume.labels.forEach((label, at) => label === 1 && columns.add(at % 50));
    expect([...columns].sort((a, b) => a - b)).toEqual([8, 9, 10, 11]);
  });
});

describe('uploads', () => {
  it('cover a box exactly once', () => {
    const parts = splitBox({ low: [3, 4, 5], high: [303, 304, 45] });
    expect(parts.map(boxVoxels).reduce((a, b) => a + b)).toBe(300 * 300 * 40);
    expect(Math.max(...parts.map(boxVoxels))).toBeLessThanOrEqual(UPLOAD_LIMIT);
    expect(uploads(blank([9, 9, 9]), { low: [1, 2, 3], high: [4, 4, 4] })[0]?.bytes.length).toBe(6);
  });

  it('are forgotten when the whole texture was sent', () => {
    const dirty = new DirtyBoxes();
    dirty.add({ low: [0, 0, 0], high: [2, 2, 2] });
    dirty.clear();
    expect(dirty.next(blank([4, 4, 4]))).toBeNull();
  });
});

describe('volumes and taxonomies', () => {
  it('are refused when their parts do not fit together', () => {
    const { affine } = blank([2, 2, 2]);
    expect(() => labelVolume(new Uint8Array(7), [2, 2, 2], [1, 1, 1], affine)).toThrow(/7 labels, its image 8 voxels/);
    expect(() => emptyVolume([2, 0, 2], [1, 1, 1], affine)).toThrow(/cannot be drawn on/);
    const twice = ['a', 'b'].map((name) => ({ name, value: 1, colour: [0, 0, 0] as const, visible: true, locked: false }));
    expect(() => checkTaxonomy(twice)).toThrow(/use each of 1 to 255 once/);
  });

  it('measure millilitres by the determinant of a sheared affine, and derived regions as sums', () => {
    const affine: Affine = [[2, 1, 0, 5], [0, 3, 0.5, 6], [0, 0, 4, 7], [0, 0, 0, 1]];
    const volume = emptyVolume([10, 10, 10], [2, Math.hypot(1, 3), Math.hypot(0.5, 4)], affine);
    fillBox(volume, [0, 0, 0], [10, 10, 1], 1);
    fillBox(volume, [0, 0, 1], [10, 5, 2], 4);
    expect(voxelMm3(volume)).toBeCloseTo(24, 10);
    expect(new LabelCounts(volume).millilitres(1, 4)).toBeCloseTo((150 * 24) / 1000, 10);
  });

  it('protect a locked label under every policy, also from its own tool', () => {
    const free = [{ name: 'ET', value: 1, colour: [255, 0, 0] as const, visible: true, locked: false }];
    const locked = withLabel(free, 1, { locked: true });
    expect(writable(free, { over: 'all' })[1]).toBe(1);
    for (const policy of [{ over: 'all' }, { over: 'unlocked' }, { over: 'label', label: 1 }] as const) {
      expect(writable(locked, policy)[1]).toBe(0);
      expect(andLabel(writable(locked, policy), locked, 1)[1]).toBe(0);
    }
  });
});

describe('image values', () => {
  it('are brought into RAS order with slope and intercept', () => {
    const affine: Affine = [[-1, 0, 0, 0], [0, 0, 1, 0], [0, 2, 0, 0], [0, 0, 0, 1]];
    const volume = { shape: [2, 3, 1], voxels: Int16Array.of(0, 1, 2, 3, 4, 5), slope: 2, intercept: 1, affine, file: new ArrayBuffer(0) } as const;
    expect([...rasIntensities(volume)]).toEqual([3, 1, 7, 5, 11, 9]);
    expect([...rasIntensities({ ...volume, slope: 1, intercept: 0 })]).toEqual([1, 0, 3, 2, 5, 4]);
  });
});

describe('snapshots', () => {
  it('come back byte for byte, and are refused when a byte or the size is wrong', async () => {
    const volume = blank([20, 20, 20]);
    const next = randomNumbers(5);
    volume.labels.forEach((_, at) => (volume.labels[at] = Math.floor(next() * 5)));
    const snapshot = await encodeSnapshot(volume);
    expect(await decodeSnapshot(snapshot)).toEqual(volume.labels);
    await expect(decodeSnapshot({ ...snapshot, dims: [20, 20, 21] })).rejects.toThrow(/8000 voxels, its image 8400/);
    await expect(decodeSnapshot({ ...snapshot, sha256: '0'.repeat(64) })).rejects.toThrow(/arrived changed/);
    const damaged = snapshot.bytes.slice();
    damaged[500] = (damaged[500] as number) ^ 4;
    await expect(decodeSnapshot({ ...snapshot, bytes: damaged })).rejects.toThrow();
  });
});

describe('differences between versions', () => {
  it('count what was added and removed by label, and lead from one to the other', () => {
    const [a, b] = [blank([10, 10, 10]), blank([10, 10, 10])];
    fillBox(a, [1, 1, 1], [5, 5, 5], 1);
    fillBox(b, [3, 1, 1], [7, 5, 5], 2);
    const found = difference(a, b);
    expect([found.added.get(2), found.removed.get(1), found.voxels]).toEqual([64, 64, 96]);
    expect(found.box).toEqual({ low: [1, 1, 1], high: [7, 5, 5] });
    if (found.edit) applyEdit(a, found.edit);
    expect(difference(a, b).edit).toBeNull();
    expect(() => difference(a, blank([10, 10, 9]))).toThrow(/compare two of one image/);
  });
});

describe('checks before submit', () => {
  it('list empty labels, islands, holes, skipped slices and voxels outside the brain, each with a place', () => {
    const volume = blank([20, 20, 12]);
    fillBox(volume, [2, 2, 2], [9, 9, 9], 1);
    fillBox(volume, [4, 4, 4], [6, 6, 6], 0);
    fillBox(volume, [15, 15, 3], [17, 17, 4], 1);
    fillBox(volume, [12, 2, 1], [14, 4, 2], 2);
    fillBox(volume, [12, 2, 5], [14, 4, 6], 2);
    const brain = new Uint8Array(20 * 20 * 12).fill(1);
    brain[15 + 20 * (15 + 20 * 3)] = 0;
    const found = checkBeforeSubmit(volume, { labels: [1, 2, 3, 4], required: [1, 3], islandMm3: 5, plane: 'axial', brain });
    const expected: Finding[] = [
      { code: 'label.island', label: 1, size: 4, at: [15, 15, 3] },
      { code: 'label.hole', label: 1, size: 8, at: [4, 4, 4] },
      { code: 'label.outside', label: 1, size: 1, at: [15, 15, 3] },
      { code: 'label.island', label: 2, size: 4, at: [12, 2, 5] },
      { code: 'slice.skipped', label: 2, size: 3, at: [12, 2, 2] },
      { code: 'label.empty', label: 3, size: 0, at: null },
    ];
    expect(found).toEqual(expected);
  });

  it('have nothing to say about a whole label', () => {
    const volume = blank([20, 20, 12]);
    fillBox(volume, [2, 2, 2], [9, 9, 9], 1);
    expect(checkBeforeSubmit(volume, { labels: [1], required: [1], islandMm3: 50, plane: 'sagittal' })).toEqual([]);
  });
});

describe('previews', () => {
  it('of growing need seeds of two labels, and change nothing themselves', () => {
    const volume = blank([9, 9, 9]);
    const image = new Int16Array(729);
    const box = { low: [0, 0, 0], high: [9, 9, 9] } as const;
    volume.labels[0] = 1;
    expect(() => growCut(volume, image, box, { window: [0, 1], sensitivity: 1 })).toThrow(/seeds of two labels/);
    volume.labels[728] = 2;
    const before = volume.labels.slice();
    const { values } = growCut(volume, image, box, { window: [0, 1], sensitivity: 1 });
    expect(volume.labels).toEqual(before);
    expect([values[1], values[727]]).toEqual([1, 2]);
  });

  it('of interpolation leave drawn slices as they are', () => {
    const volume = blank([20, 20, 12]);
    fillBox(volume, [2, 2, 2], [9, 9, 3], 1);
    fillBox(volume, [4, 4, 7], [14, 14, 8], 1);
    const proposal = interpolate(volume, 'axial', [1]);
    expect(proposal?.box).toEqual({ low: [0, 0, 3], high: [20, 20, 7] });
    expect(drawnSlices(volume, 'axial', 1)).toEqual([2, 7]);
    expect(interpolate(volume, 'sagittal', [2])).toBeNull();
  });
});
