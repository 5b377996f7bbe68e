import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../digest';
import { combine } from './boolean';
import { capsule } from './brush';
import { LabelCounts } from './counts';
import { bitmapDigest } from './digest';
import { applyEdit, commit, decodeEdit, editBytes, encodeEdit, mergeEdits, paint, revertEdit } from './edit';
import type { Edit } from './edit';
import { floodLabel } from './flood';
import { HISTORY_BYTES, History } from './history';
import { holes, smallIslands } from './islands';
import { readJournal, replay } from './journal';
import { margin, median } from './morphology';
import { blank, fillBox, randomNumbers } from './random.testing';
import { EditSession } from './session';
import { copySlice, interpolate, wholeSlice } from './slices';
import type { LabelVolume, Proposal, Region } from './volume';
import type { Vec3 } from '../types';

const ALL = new Uint8Array(256).fill(1);
const hash = (volume: LabelVolume): Promise<string> => sha256Hex(new Uint8Array(volume.labels));

/** One random operation of a random tool, not yet drawn. */
function randomEdit(volume: LabelVolume, next: () => number): Edit | null {
  const whole = (below: number): number => Math.floor(next() * below);
  const point = (): Vec3 => [whole(24), whole(20), whole(16)];
  const label = 1 + whole(4);
  const drawn = (region: Region | null, by: number): Edit | null => region && paint(volume, region, by, ALL, 'random');
  const taken = (proposal: Proposal | null): Edit | null => proposal && commit(volume, proposal, ALL, 'random');
  const tools: readonly (() => Edit | null)[] = [
    () => drawn(capsule(volume, { shape: 'sphere', diameterMm: 1 + next() * 9 }, point(), point()), label),
    () => drawn(capsule(volume, { shape: 'disc', plane: 'axial', diameterMm: 1 + next() * 9 }, point(), point()), label),
    () => drawn(capsule(volume, { shape: 'sphere', diameterMm: 6 }, point(), point()), 0),
    () => drawn(floodLabel(volume, point(), { connectivity: 6 }), label),
    () => drawn(smallIslands(volume, label, 30, 6), 0),
    () => drawn(holes(volume, label), label),
    () => drawn(wholeSlice(volume, 'coronal', whole(20)), 0),
    () => taken(copySlice(volume, 'sagittal', whole(24), whole(24))),
    () => taken(interpolate(volume, 'axial', [label])),
    () => taken(margin(volume, label, next() * 6 - 3)),
    () => taken(median(volume, label, 1)),
    () => taken(combine(volume, label, 'add', volume, 1 + whole(4))),
  ];
  return tools[whole(tools.length)]?.() ?? null;
}

interface Drawn {
  readonly session: EditSession;
  readonly journal: Uint8Array<ArrayBuffer>;
}

/** Draw `steps` operations at random, strokes and undos among them. */
function drawAtRandom(seed: number, steps: number): Drawn {
  const next = randomNumbers(seed);
  const parts: Uint8Array[] = [];
  const session = new EditSession(blank([24, 20, 16], [1, 0.75, 2]), (record) => parts.push(record));
  for (let step = 0; step < steps; step += 1) {
    if (next() < 0.15) session.undo();
    if (next() < 0.1) session.redo();
    if (next() < 0.2) stroke(session, next);
    else session.apply(randomEdit(session.volume, next));
  }
  return { session, journal: new Uint8Array(Buffer.concat(parts)) };
}

function stroke(session: EditSession, next: () => number): void {
  const at = (): Vec3 => [next() * 24 - 0.5, next() * 20 - 0.5, next() * 16 - 0.5];
  session.begin({ tool: 'brush', brush: { shape: 'sphere', diameterMm: 4 }, label: 1 + Math.floor(next() * 4), may: ALL }, at());
  for (let move = 0; move < 4; move += 1) session.move(at());
  if (next() < 0.2) session.cancel();
  else session.end();
}

describe('history', () => {
  it('gives back every state byte for byte: random operations, undo all, redo all, hashes equal', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const volume = blank([24, 20, 16], [1, 0.75, 2]);
      const [history, next] = [new History(), randomNumbers(seed)];
      const hashes = [await hash(volume)];
      while (history.undoable < 130) {
        const edit = randomEdit(volume, next);
        if (edit === null) continue;
        applyEdit(volume, edit);
        history.push(edit);
        hashes.push(await hash(volume));
      }
      for (let at = 129; at >= 0; at -= 1) {
        expect(history.undo(volume)).not.toBeNull();
        expect(await hash(volume)).toBe(hashes[at]);
      }
      expect(history.undo(volume)).toBeNull();
      expect(volume.labels.every((label) => label === 0)).toBe(true);
      for (let at = 1; at <= 130; at += 1) {
        history.redo(volume);
        expect(await hash(volume)).toBe(hashes[at]);
      }
      expect(history.redo(volume)).toBeNull();
    }
  });

  it('survives a reload as bytes, with the same steps to undo and redo', async () => {
    const { session } = drawAtRandom(9, 80);
    session.undo();
    session.undo();
    const copy = { ...session.volume, labels: session.volume.labels.slice() };
    const stored = History.decode(session.history.encode());
    expect([stored.undoable, stored.redoable]).toEqual([session.history.undoable, session.history.redoable]);
    while (stored.undo(copy)) session.history.undo(session.volume);
    expect(await hash(copy)).toBe(await hash(session.volume));
    while (stored.redo(copy)) session.history.redo(session.volume);
    expect(await hash(copy)).toBe(await hash(session.volume));
  });

  it('forgets what was undone once something new is drawn', () => {
    const session = new EditSession(blank([8, 8, 8]), () => undefined);
    for (const slice of [1, 2]) session.apply(paint(session.volume, wholeSlice(session.volume, 'axial', slice), 1, ALL, 'x'));
    session.undo();
    session.apply(paint(session.volume, wholeSlice(session.volume, 'axial', 5), 2, ALL, 'x'));
    expect([session.history.undoable, session.history.redoable]).toEqual([2, 0]);
  });

  it('forgets the oldest steps beyond its bytes, never the newest', () => {
    const volume = blank([16, 16, 16]);
    const edit = (slice: number): Edit => paint(volume, wholeSlice(volume, 'axial', slice), 1, ALL, 'x') as Edit;
    const history = new History(3 * editBytes(edit(0)));
    for (let slice = 0; slice < 10; slice += 1) {
      const step = edit(slice);
      applyEdit(volume, step);
      history.push(step);
    }
    expect(history.undoable).toBe(3);
    while (history.undo(volume));
    expect(volume.labels.indexOf(0)).toBe(7 * 256);
  });

  it('holds a hundred large strokes within its bytes', () => {
    const volume = blank([240, 240, 20]);
    const ball = capsule(volume, { shape: 'sphere', diameterMm: 30 }, [30, 30, 10], [200, 200, 10]) as Region;
    const edit = paint(volume, ball, 1, ALL, 'sphere') as Edit;
    expect(edit.voxels).toBeGreaterThan(100_000);
    expect(100 * editBytes(edit)).toBeLessThan(HISTORY_BYTES);
  });

  it('refuses bytes of another format', () => {
    expect(() => History.decode(Uint8Array.of(9, 0, 0))).toThrow(/format 9/);
  });
});

describe('edits', () => {
  it('are refused, and change nothing, on a volume they were not made from', () => {
    const volume = blank([8, 8, 8]);
    const edit = paint(volume, wholeSlice(volume, 'axial', 3), 1, ALL, 'x') as Edit;
    volume.labels[3 * 64 + 60] = 2;
    const before = volume.labels.slice();
    expect(() => applyEdit(volume, edit)).toThrow(/expects label 0 where the segmentation has 2/);
    expect(() => revertEdit(volume, edit)).toThrow(/expects label 1 where the segmentation has 0/);
    expect(volume.labels).toEqual(before);
  });

  it('are the same after encoding, and damaged bytes are refused', () => {
    const volume = blank([8, 8, 8]);
    const edit = paint(volume, wholeSlice(volume, 'coronal', 3), 7, ALL, 'clear slice') as Edit;
    const bytes = encodeEdit(edit);
    expect(decodeEdit(bytes)).toEqual(edit);
    expect(() => decodeEdit(bytes.subarray(0, bytes.length - 1))).toThrow(/ends too early/);
  });

  it('merge into one that does the same, and into none when a stroke undid itself', () => {
    const volume = blank([12, 12, 12]);
    const edits: Edit[] = [];
    const draw = (low: Vec3, high: Vec3, label: number): void => {
      const size = (high[0] - low[0]) * (high[1] - low[1]) * (high[2] - low[2]);
      const edit = paint(volume, { box: { low, high }, bits: new Uint8Array(size).fill(1) }, label, ALL, 'x');
      if (edit === null) return;
      applyEdit(volume, edit);
      edits.push(edit);
    };
    draw([1, 1, 1], [6, 6, 6], 1);
    draw([4, 4, 4], [9, 9, 9], 2);
    const drawn = volume.labels.slice();
    const merged = mergeEdits(edits, 'stroke') as Edit;
    revertEdit(volume, merged);
    expect(volume.labels.every((label) => label === 0)).toBe(true);
    applyEdit(volume, merged);
    expect(volume.labels).toEqual(drawn);
    draw([0, 0, 0], [12, 12, 12], 0);
    expect(mergeEdits(edits, 'stroke')).toBeNull();
  });
});

describe('journal', () => {
  it('replays to the same bitmap, the same history and the same digest after a crash', async () => {
    for (const seed of [11, 12, 13]) {
      const { session, journal } = drawAtRandom(seed, 60);
      const { records, torn } = readJournal(journal);
      const volume = blank([24, 20, 16], [1, 0.75, 2]);
      const history = replay(volume, records);
      expect(torn).toBe(0);
      expect(await hash(volume)).toBe(await hash(session.volume));
      expect(bitmapDigest(volume)).toBe(session.digest);
      expect([history.undoable, history.redoable]).toEqual([session.history.undoable, session.history.redoable]);
      while (history.undo(volume)) session.undo();
      expect(await hash(volume)).toBe(await hash(session.volume));
    }
  });

  it('loses only the record that was being written, wherever the crash came', () => {
    const { journal } = drawAtRandom(21, 12);
    const whole = readJournal(journal).records;
    for (let end = journal.length - 1; end >= 0; end -= 7) {
      const { records, torn } = readJournal(journal.subarray(0, end));
      expect(records).toEqual(whole.slice(0, records.length));
      const kept = end - torn;
      expect(readJournal(journal.subarray(0, kept)).records).toHaveLength(records.length);
      expect(torn).toBeLessThan(journal.length);
    }
    expect(readJournal(journal.subarray(0, journal.length - 1)).records).toHaveLength(whole.length - 1);
  });

  it('finds every flipped bit before the last record', () => {
    const { journal } = drawAtRandom(22, 12);
    const whole = readJournal(journal).records;
    for (let at = 4; at < 400; at += 3) {
      const damaged = journal.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << at % 8);
      let read: number | string;
      try {
        read = readJournal(damaged).records.length;
      } catch (error) {
        read = (error as { code: string }).code;
      }
      expect(read === 'journal.damaged' || (typeof read === 'number' && read < whole.length)).toBe(true);
    }
  });

  it('finds a missing and a repeated record', () => {
    const { session } = drawAtRandom(23, 1);
    const parts: Uint8Array[] = [];
    const again = new EditSession(session.volume, (record) => parts.push(record), new History(), 40);
    for (const slice of [1, 2, 3]) again.apply(paint(again.volume, wholeSlice(again.volume, 'axial', slice), 4, ALL, 'x'));
    const joined = (order: readonly number[]): Uint8Array => Buffer.concat(order.map((at) => parts[at] as Uint8Array));
    expect(readJournal(joined([0, 1, 2])).records.map(({ sequence }) => sequence)).toEqual([41, 42, 43]);
    expect(() => readJournal(joined([0, 2]))).toThrow(/41 is followed by 43/);
    expect(() => readJournal(joined([0, 1, 1]))).toThrow(/42 is followed by 42/);
  });

  it('says so when the volume is not the one the journal was made on', () => {
    const { journal } = drawAtRandom(24, 8);
    const other = blank([24, 20, 16]);
    fillBox(other, [0, 0, 0], [24, 20, 16], 9);
    expect(() => replay(other, readJournal(journal).records)).toThrow();
    const nearly = blank([24, 20, 16]);
    const volume = blank([24, 20, 16]);
    const parts: Uint8Array[] = [];
    const session = new EditSession(volume, (record) => parts.push(record));
    session.apply(paint(volume, wholeSlice(volume, 'axial', 3), 1, ALL, 'x'));
    nearly.labels[0] = 1;
    expect(() => replay(nearly, readJournal(Buffer.concat(parts)).records)).toThrow(/use the last version/);
  });
});

describe('live counts and digest', () => {
  it('stay equal to a full count through random drawing, undo and redo', () => {
    const { session } = drawAtRandom(31, 100);
    const fresh = new LabelCounts(session.volume);
    for (let label = 0; label < 6; label += 1) expect(session.counts.count(label)).toBe(fresh.count(label));
    expect(session.digest).toBe(bitmapDigest(session.volume));
  });
});
