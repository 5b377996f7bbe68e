/** Where the panes lie in the host, and where each voxel of a pane's slice lies on the screen (CSS pixels). */
import { PLANE_AXES, isMirrored } from '../kernel/planes';
import type { RasGrid } from '../kernel/orientation';
import { PLANES } from '../kernel/types';
import type { Plane, Vec3 } from '../kernel/types';
import type { Extent } from './loaded';
import type { DisplayState } from './state';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PaneView {
  readonly plane: Plane;
  /** RAS slice index. */
  readonly slice: number;
  readonly rect: Rect;
  /** Shown alone in this pane (synced view). */
  readonly slot: number | null;
  /** The large pane, which carries the full read-out. */
  readonly main: boolean;
  /** Edge coordinates (pixel u covers u to u + 1) to screen: x = originX + u · scaleX, y = originY + v · scaleY. */
  readonly originX: number;
  readonly originY: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** CSS pixels per millimetre. */
  readonly pxPerMm: number;
}

const GAP = 2;
/** Room for the letters around the slice. */
const MARGIN = 28;
const HERO_SHARE = 0.68;

interface Slotted {
  readonly plane: Plane;
  readonly rect: Rect;
  readonly slot: number | null;
  readonly main: boolean;
}

/** Panes of the current layout over a host of this size. */
export function paneViews(state: DisplayState, { grid, extent }: Fitted, acquired: Plane, size: Rect): PaneView[] {
  return arrange(state, acquired, size).map((pane) => ({ ...pane, ...placeSlice(state, grid, extent, pane) }));
}

/** A grid and the part of it that panes are fitted to. */
export interface Fitted {
  readonly grid: RasGrid;
  readonly extent: Extent;
}

function arrange(state: DisplayState, acquired: Plane, size: Rect): Slotted[] {
  if (state.panes === 'synced' && state.slots.length > 0) {
    const plane = mainPlane(state, acquired);
    return columns(size, state.slots.length).map((rect, slot) => ({ plane, rect, slot, main: slot === 0 }));
  }
  if (state.layout === 'three') {
    return columns(size, 3).map((rect, at) => {
      const plane = PLANES[at] ?? 'axial';
      return { plane, rect, slot: null, main: at === 0 };
    });
  }
  if (state.layout !== 'hero') return [{ plane: state.layout, rect: size, slot: null, main: true }];
  return hero(acquired, size);
}

/** The plane shown large: the laid-out one, the acquisition plane, or where the person is in equal panes. */
export function mainPlane(state: DisplayState, acquired: Plane): Plane {
  if (state.layout === 'hero') return acquired;
  return state.layout === 'three' ? state.plane : state.layout;
}

function hero(acquired: Plane, size: Rect): Slotted[] {
  const width = Math.round(size.width * HERO_SHARE);
  const half = Math.round((size.height - GAP) / 2);
  const rest = size.width - width - GAP;
  const [upper, lower] = PLANES.filter((plane) => plane !== acquired) as [Plane, Plane];
  const x = size.x + width + GAP;
  return [
    { plane: acquired, rect: { ...size, width }, slot: null, main: true },
    { plane: upper, rect: { x, y: size.y, width: rest, height: half }, slot: null, main: false },
    {
      plane: lower,
      rect: { x, y: size.y + half + GAP, width: rest, height: size.height - half - GAP },
      slot: null,
      main: false,
    },
  ];
}

function columns(size: Rect, count: number): Rect[] {
  const width = (size.width - GAP * (count - 1)) / count;
  return Array.from({ length: count }, (_, at) => {
    const x = Math.round(size.x + at * (width + GAP));
    return { x, y: size.y, width: Math.round(size.x + at * (width + GAP) + width) - x, height: size.height };
  });
}

function placeSlice(
  state: DisplayState,
  grid: RasGrid,
  { first, last }: Extent,
  { plane, rect }: Slotted,
): Omit<PaneView, keyof Slotted> {
  const { u, v, n } = PLANE_AXES[plane];
  const length = (axis: 0 | 1 | 2): number => (last[axis] - first[axis] + 1) * grid.spacing[axis];
  const [wide, high] = [length(u), length(v)];
  const room = (px: number): number => Math.max(px - 2 * MARGIN, 8);
  const pxPerMm = Math.min(room(rect.width) / wide, room(rect.height) / high) * state.zoom;
  const scaleX = grid.spacing[u] * pxPerMm * (isMirrored(plane, state.radiological) ? -1 : 1);
  const scaleY = -grid.spacing[v] * pxPerMm;
  const centre = (axis: 0 | 1 | 2): number =>
    (first[axis] + last[axis] + 1) / 2 - state.pan[axis] / grid.spacing[axis];
  return {
    slice: state.cross[n],
    originX: rect.x + rect.width / 2 - centre(u) * scaleX,
    originY: rect.y + rect.height / 2 - centre(v) * scaleY,
    scaleX,
    scaleY,
    pxPerMm,
  };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const contains = (rect: Rect, { x, y }: Point): boolean =>
  x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;

/** Screen position of a RAS voxel coordinate (voxel centres are whole numbers). */
export function toScreen(pane: PaneView, voxel: Vec3): Point {
  const { u, v } = PLANE_AXES[pane.plane];
  return {
    x: pane.originX + (voxel[u] + 0.5) * pane.scaleX,
    y: pane.originY + (voxel[v] + 0.5) * pane.scaleY,
  };
}

/** RAS voxel coordinate (not rounded) under a point of the pane, on its slice. */
export function fromScreen(pane: PaneView, { x, y }: Point): Vec3 {
  const { u, v, n } = PLANE_AXES[pane.plane];
  const voxel: [number, number, number] = [0, 0, 0];
  voxel[u] = (x - pane.originX) / pane.scaleX - 0.5;
  voxel[v] = (y - pane.originY) / pane.scaleY - 0.5;
  voxel[n] = pane.slice;
  return voxel;
}
