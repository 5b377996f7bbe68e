/** What is shown, apart from the images themselves; the controller changes it, every frame is drawn from it. */
import type { Plane, Vec3, Window } from '../kernel/types';
import type { PlaneLayout, SlotState, SlotStyle, ViewerOptions } from './port';

/** Two ends of a measurement in RAS voxel coordinates of one plane and slice. */
export interface Measure {
  readonly plane: Plane;
  readonly slice: number;
  readonly from: Vec3;
  readonly to: Vec3;
}

export interface DisplayState {
  sequence: number;
  layout: PlaneLayout;
  plane: Plane;
  /** RAS voxel of the crosshair in the current sequence. */
  cross: Vec3;
  /** One window per sequence. */
  windows: Window[];
  slots: readonly SlotStyle[];
  slotStates: SlotState[];
  hidden: boolean;
  solo: number | null;
  disagreement: boolean;
  swipe: number | null;
  panes: 'single' | 'synced';
  zoom: number;
  /** Millimetres along the RAS axes, shared by the planes. */
  pan: Vec3;
  interpolation: 'linear' | 'nearest';
  readonly fillOpacity: number;
  readonly outlinePx: number;
  crosshair: boolean;
  ruler: boolean;
  measure: Measure | null;
  radiological: boolean;
}

export const FRESH_SLOT: SlotState = { visible: true, outline: true, fill: true, opacity: 1 };

/** Share of colour that the disagreement map lays over the image. */
export const DISAGREEMENT_OPACITY = 0.45;

/** By how many slots include a voxel: one, some, all. */
export const AGREEMENT_COLOURS = {
  one: [222, 72, 72],
  some: [240, 228, 66],
  all: [62, 124, 222],
} as const;

export function freshState(options: ViewerOptions): DisplayState {
  return {
    sequence: 0,
    layout: 'hero',
    plane: 'axial',
    cross: [0, 0, 0],
    windows: [],
    slots: [],
    slotStates: [],
    hidden: false,
    solo: null,
    disagreement: false,
    swipe: null,
    panes: 'single',
    zoom: 1,
    pan: [0, 0, 0],
    interpolation: options.interpolation ?? 'linear',
    fillOpacity: options.fillOpacity ?? 0.15,
    outlinePx: options.outlinePx ?? 2,
    crosshair: true,
    ruler: false,
    measure: null,
    radiological: options.radiological ?? true,
  };
}

/** What is drawn of a slot in a pane, 0 to 1 each; a pane of the synced view shows its own slot alone. */
export interface SlotInk {
  readonly outline: number;
  readonly fill: number;
}

const NO_INK: SlotInk = { outline: 0, fill: 0 };

export function slotInk(state: DisplayState, slot: number, paneSlot: number | null): SlotInk {
  const own = state.slotStates[slot];
  const alone = paneSlot ?? state.solo;
  if (!own || state.hidden || state.disagreement || (alone !== null && alone !== slot)) return NO_INK;
  // A slot soloed was asked for: it shows even where its own switch is off.
  if (!own.visible && (paneSlot !== null || alone !== slot)) return NO_INK;
  return { outline: own.outline ? own.opacity : 0, fill: own.fill ? own.opacity * state.fillOpacity : 0 };
}
