/** Undo and redo, byte for byte: at least a hundred steps, at most 64 MB. */
import { KernelError } from '../errors';
import { ByteReader, ByteWriter } from './bytes';
import { applyEdit, decodeEdit, editBytes, encodeEdit, revertEdit } from './edit';
import type { Edit } from './edit';
import type { LabelVolume } from './volume';

/** Memory for steps, in bytes; beyond it the oldest steps are forgotten. */
export const HISTORY_BYTES = 64 * 1024 * 1024;

const VERSION = 1;

/** Steps that were drawn (`done`) and taken back (`undone`), oldest first. */
export class History {
  private done: Edit[] = [];
  private undone: Edit[] = [];
  private bytes = 0;

  constructor(private readonly limit = HISTORY_BYTES) {}

  get undoable(): number {
    return this.done.length;
  }

  get redoable(): number {
    return this.undone.length;
  }

  /** Remember an edit that was drawn; what was undone before it can no longer be redone. */
  push(edit: Edit): void {
    this.bytes -= this.undone.reduce((sum, step) => sum + editBytes(step), 0);
    this.undone = [];
    this.done.push(edit);
    this.bytes += editBytes(edit);
    while (this.bytes > this.limit && this.done.length > 1) this.bytes -= editBytes(this.done.shift() as Edit);
  }

  /** Take the last step back and return it; null when there is none. */
  undo(volume: LabelVolume): Edit | null {
    const edit = this.done.at(-1);
    if (edit === undefined) return null;
    revertEdit(volume, edit);
    this.done.pop();
    this.undone.push(edit);
    return edit;
  }

  /** Draw the last step taken back again and return it; null when there is none. */
  redo(volume: LabelVolume): Edit | null {
    const edit = this.undone.at(-1);
    if (edit === undefined) return null;
    applyEdit(volume, edit);
    this.undone.pop();
    this.done.push(edit);
    return edit;
  }

  /** All steps as bytes, to be stored beside a snapshot. */
  encode(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    out.byte(VERSION);
    for (const steps of [this.done, this.undone]) {
      out.varint(steps.length);
      for (const step of steps) out.block(encodeEdit(step));
    }
    return out.bytes();
  }

  /** The history that `encode` wrote. Throws `history.version`, `bytes.short` or `edit.damaged`. */
  static decode(bytes: Uint8Array, limit = HISTORY_BYTES): History {
    const reader = new ByteReader(bytes);
    const version = reader.byte();
    if (version !== VERSION) {
      throw new KernelError('history.version', `The stored steps have format ${version}, this page knows ${VERSION}; reload.`);
    }
    const steps = (): Edit[] => Array.from({ length: reader.varint() }, () => decodeEdit(reader.block()));
    const history = new History(limit);
    history.done = steps();
    history.undone = steps();
    history.bytes = [...history.done, ...history.undone].reduce((sum, step) => sum + editBytes(step), 0);
    return history;
  }
}
