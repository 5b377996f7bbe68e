/**
 * Drawing on one mask layer: the only place that changes its labels.
 *
 * Every change passes through here as an edit, so counts, digest, history, journal and texture never disagree. A stroke
 * is drawn move by move and becomes one step when the pen is lifted.
 */
import { capsule } from './brush';
import type { Brush } from './brush';
import { LabelCounts } from './counts';
import { BitmapDigest } from './digest';
import { applyEdit, mergeEdits, paint, revertEdit } from './edit';
import type { Edit } from './edit';
import { History } from './history';
import { encodeRecord } from './journal';
import type { JournalKind } from './journal';
import { DirtyBoxes } from './upload';
import type { LabelVolume, Region } from './volume';
import type { Writable } from './taxonomy';
import type { Vec3 } from '../types';

/** What a stroke draws: its brush, label (0 erases), and the voxels it may change. */
export interface StrokeStyle {
  readonly tool: string;
  readonly brush: Brush;
  readonly label: number;
  readonly may: Writable;
  /** Narrows each sweep, for threshold paint. */
  readonly narrow?: (region: Region) => Region;
}

/** Takes each journal record; the caller stores it in order before the step counts as kept on this computer. */
export type JournalSink = (record: Uint8Array<ArrayBuffer>, sequence: number) => void;

export class EditSession {
  readonly counts: LabelCounts;
  readonly dirty = new DirtyBoxes();
  private readonly running: BitmapDigest;
  private stroke: { readonly style: StrokeStyle; readonly edits: Edit[]; last: Vec3 } | null = null;

  /** `sequence` is the number of the last record in the journal (0 for none). */
  constructor(
    readonly volume: LabelVolume,
    private readonly journal: JournalSink,
    readonly history = new History(),
    private sequence = 0,
  ) {
    this.counts = new LabelCounts(volume);
    this.running = new BitmapDigest(volume);
  }

  /** Digest of the bitmap as it is. */
  get digest(): string {
    return this.running.hex;
  }

  /** Put the pen down at a fractional voxel; a stroke still open is lifted first. */
  begin(style: StrokeStyle, at: Vec3): void {
    this.end();
    this.stroke = { style, edits: [], last: at };
    this.move(at);
  }

  /** Move the pen; draws the sweep since the last sample. Nothing happens when the pen is up. */
  move(to: Vec3): void {
    if (this.stroke === null) return;
    const { style, edits, last } = this.stroke;
    const swept = capsule(this.volume, style.brush, last, to);
    this.stroke.last = to;
    const region = swept && style.narrow ? style.narrow(swept) : swept;
    const edit = region && paint(this.volume, region, style.label, style.may, style.tool);
    if (edit === null) return;
    applyEdit(this.volume, edit);
    this.note(edit, 1);
    edits.push(edit);
  }

  /** Lift the pen: the stroke becomes one step. Returns it, or null when it changed nothing. */
  end(): Edit | null {
    if (this.stroke === null) return null;
    const { edits, style } = this.stroke;
    this.stroke = null;
    const edit = mergeEdits(edits, style.tool);
    if (edit === null) return null;
    this.keep('draw', edit);
    this.history.push(edit);
    return edit;
  }

  /** Take back a stroke that is being drawn, as if the pen had not been put down. */
  cancel(): void {
    const edits = this.stroke?.edits ?? [];
    this.stroke = null;
    for (const edit of edits.toReversed()) {
      revertEdit(this.volume, edit);
      this.note(edit, -1);
    }
  }

  /** Draw the edit of any other tool as one step; null (nothing to change) is let through. */
  apply(edit: Edit | null): Edit | null {
    this.end();
    if (edit === null) return null;
    applyEdit(this.volume, edit);
    this.note(edit, 1);
    this.keep('draw', edit);
    this.history.push(edit);
    return edit;
  }

  undo(): Edit | null {
    this.end();
    const edit = this.history.undo(this.volume);
    if (edit !== null) {
      this.note(edit, -1);
      this.keep('undo', null);
    }
    return edit;
  }

  redo(): Edit | null {
    this.end();
    const edit = this.history.redo(this.volume);
    if (edit !== null) {
      this.note(edit, 1);
      this.keep('redo', null);
    }
    return edit;
  }

  private note(edit: Edit, direction: 1 | -1): void {
    this.counts.update(edit, direction);
    this.running.update(edit, direction);
    this.dirty.add(edit.box);
  }

  private keep(kind: JournalKind, edit: Edit | null): void {
    this.sequence += 1;
    this.journal(encodeRecord({ sequence: this.sequence, kind, edit, digest: this.digest }), this.sequence);
  }
}
