/**
 * The journal of strokes: every step, undo and redo as one record, appended before it counts as kept.
 *
 * A record is: length (uint32), sequence number (uint32), kind, payload, digest of the whole bitmap after it (8 bytes),
 * CRC-32 of all before. A record cut short by a crash is dropped; a gap, a repeat or a wrong digest is an error.
 */
import { KernelError } from '../errors';
import { ByteReader, ByteWriter, crc32 } from './bytes';
import { applyEdit, decodeEdit, encodeEdit } from './edit';
import type { Edit } from './edit';
import { BitmapDigest } from './digest';
import { History } from './history';
import type { LabelVolume } from './volume';

export type JournalKind = 'draw' | 'undo' | 'redo';
const KINDS: readonly JournalKind[] = ['draw', 'undo', 'redo'];

export interface JournalRecord {
  readonly sequence: number;
  readonly kind: JournalKind;
  /** The step that was drawn; undo and redo carry none. */
  readonly edit: Edit | null;
  /** `BitmapDigest.hex` after this record. */
  readonly digest: string;
}

const FRAME = 4;
const CRC = 4;

/** Bytes of one record. */
export function encodeRecord({ sequence, kind, edit, digest }: JournalRecord): Uint8Array<ArrayBuffer> {
  const body = new ByteWriter();
  body.uint32(sequence);
  body.byte(KINDS.indexOf(kind));
  body.block(edit === null ? new Uint8Array() : encodeEdit(edit));
  for (const at of [0, 8]) body.uint32(Number.parseInt(digest.slice(at, at + 8), 16));
  const out = new ByteWriter();
  out.uint32(body.bytes().length + CRC);
  out.raw(body.bytes());
  out.uint32(crc32(out.bytes()));
  return out.bytes();
}

/** Records of a journal, and how many bytes at its end belong to no whole record (written while a crash came). */
export interface JournalRead {
  readonly records: readonly JournalRecord[];
  readonly torn: number;
}

/**
 * Read appended records. The last record may be torn. Throws `journal.damaged` when one before the last is, and
 * `journal.sequence` when numbers do not follow one another.
 */
export function readJournal(bytes: Uint8Array): JournalRead {
  const records: JournalRecord[] = [];
  let at = 0;
  while (at + FRAME <= bytes.length) {
    const end = at + FRAME + new ByteReader(bytes.subarray(at, at + FRAME)).uint32();
    if (end > bytes.length) break;
    const record = readRecord(bytes.subarray(at, end));
    if (record === null && end < bytes.length) throw damagedAt(records.length);
    if (record === null) break;
    checkSequence(records.at(-1), record);
    records.push(record);
    at = end;
  }
  return { records, torn: bytes.length - at };
}

function readRecord(bytes: Uint8Array): JournalRecord | null {
  const content = bytes.subarray(0, Math.max(0, bytes.length - CRC));
  if (bytes.length < FRAME + CRC || crc32(content) !== new ByteReader(bytes.subarray(bytes.length - CRC)).uint32()) return null;
  const reader = new ByteReader(content.subarray(FRAME));
  const sequence = reader.uint32();
  const kind = KINDS[reader.byte()];
  const payload = reader.block();
  const digest = [reader.uint32(), reader.uint32()].map((lane) => lane.toString(16).padStart(8, '0')).join('');
  return kind === undefined ? null : { sequence, kind, edit: payload.length > 0 ? decodeEdit(payload) : null, digest };
}

function damagedAt(count: number): KernelError {
  return new KernelError('journal.damaged', `Stored step ${count + 1} is damaged; the ${count} steps before it are whole.`);
}

function checkSequence(before: JournalRecord | undefined, record: JournalRecord): void {
  if (before === undefined || record.sequence === before.sequence + 1) return;
  const sentence = `Stored step ${before.sequence} is followed by ${record.sequence}; steps between are missing or repeated.`;
  throw new KernelError('journal.sequence', sentence);
}

/**
 * Draw the records on the volume they were made on, and return the history after them, so that undo survives a reload.
 *
 * Throws `journal.digest` when the volume is not what the journal says after a record, `edit.mismatch` when a step does
 * not fit it. On an error the volume holds what came before the record at fault, or that record (digest).
 */
export function replay(volume: LabelVolume, records: readonly JournalRecord[], history = new History()): History {
  const digest = new BitmapDigest(volume);
  for (const record of records) {
    digest.update(...perform(volume, record, history));
    if (digest.hex !== record.digest) {
      const sentence = `After step ${record.sequence} the drawing is ${digest.hex}, not ${record.digest}; use the last version.`;
      throw new KernelError('journal.digest', sentence);
    }
  }
  return history;
}

function perform(volume: LabelVolume, { sequence, kind, edit }: JournalRecord, history: History): [Edit, 1 | -1] {
  if (kind === 'draw' && edit !== null) {
    applyEdit(volume, edit);
    history.push(edit);
    return [edit, 1];
  }
  const moved = kind === 'undo' ? history.undo(volume) : kind === 'redo' ? history.redo(volume) : null;
  if (moved === null) throw new KernelError('journal.step', `Stored step ${sequence} takes back a step that is not there.`);
  return [moved, kind === 'undo' ? -1 : 1];
}
