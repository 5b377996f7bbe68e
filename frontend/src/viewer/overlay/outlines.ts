/** Outlines of the slots' masks, each with its own dash; the same lines stand over both adapters. */
import { DASHES, traceContours } from '../../kernel/contours';
import { extractSlice, rasWalk } from '../../kernel/planes';
import type { Plane } from '../../kernel/types';
import type { PaneView } from '../layout';
import type { LoadedMasks, LoadedSequence } from '../loaded';
import { slotInk } from '../state';
import type { DisplayState } from '../state';

const WIDTH = 2;
const KEPT = 64;

/** One path per slot, in edge coordinates of the slice. */
type SlicePaths = readonly Path2D[];

export class Outlines {
  private readonly kept = new Map<string, SlicePaths>();

  clear(): void {
    this.kept.clear();
  }

  draw(context: CanvasRenderingContext2D, loaded: LoadedSequence, state: DisplayState, pane: PaneView): void {
    if (!loaded.masks || state.hidden || state.disagreement) return;
    const paths = this.paths(loaded, loaded.masks, state.sequence, pane.plane, pane.slice);
    context.save();
    context.beginPath();
    context.rect(pane.rect.x, pane.rect.y, pane.rect.width * (state.swipe ?? 1), pane.rect.height);
    context.clip();
    context.lineJoin = 'round';
    paths.forEach((path, slot) => stroke(context, path, state, slot, pane));
    context.restore();
  }

  private paths(
    loaded: LoadedSequence,
    masks: LoadedMasks,
    sequence: number,
    plane: Plane,
    slice: number,
  ): SlicePaths {
    const key = `${sequence}|${plane}|${slice}`;
    const found = this.kept.get(key) ?? slicePaths(loaded, masks, plane, slice);
    this.kept.set(key, found);
    const oldest = this.kept.keys().next();
    if (this.kept.size > KEPT && !oldest.done) this.kept.delete(oldest.value);
    return found;
  }
}

function slicePaths({ grid }: LoadedSequence, masks: LoadedMasks, plane: Plane, slice: number): SlicePaths {
  const walk = rasWalk(grid.dims, plane, slice);
  const codes = extractSlice(masks.codes, walk, new Uint8Array(walk.width * walk.height));
  return masks.digits.map((digits) => {
    const path = new Path2D();
    for (const line of traceContours(
      codes.map((code) => digits[code] ?? 0),
      walk.width,
    )) {
      addLine(path, line);
    }
    return path;
  });
}

function addLine(path: Path2D, line: readonly number[]): void {
  path.moveTo(line[0] ?? 0, line[1] ?? 0);
  for (let at = 2; at < line.length; at += 2) path.lineTo(line[at] ?? 0, line[at + 1] ?? 0);
  if (line[0] === line.at(-2) && line[1] === line.at(-1)) path.closePath();
}

function stroke(
  context: CanvasRenderingContext2D,
  path: Path2D,
  state: DisplayState,
  slot: number,
  pane: PaneView,
): void {
  const style = state.slots[slot];
  const { outline } = slotInk(state, slot, pane.slot);
  if (!style || outline === 0) return;
  const placed = new Path2D();
  placed.addPath(path, new DOMMatrix([pane.scaleX, 0, 0, pane.scaleY, pane.originX, pane.originY]));
  context.globalAlpha = outline;
  context.lineWidth = WIDTH;
  context.strokeStyle = `rgb(${style.colour.join(' ')})`;
  context.setLineDash(DASHES[style.lineStyle].map((length) => length * WIDTH));
  context.stroke(placed);
}
