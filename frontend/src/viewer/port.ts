/**
 * The one interface between the screens and whatever draws the images.
 *
 * A screen fetches and decodes a presentation, calls `open`, and from then on only tells the viewer what to show.
 * Two adapters stand behind it (`niivue/` on a graphics card, `canvas2d/` on the processor); they behave alike, and
 * a screen must not ask which one it has except to record it. Keys belong to the screen; pointers to the viewer.
 */
import type { PackedCandidates, Plane, Rgb, Vec3, Volume, Window } from '../kernel/types';

export type { PackedCandidates, Plane, Rgb, Vec3, Volume, Window } from '../kernel/types';

export type LineStyle = 'solid' | 'long-dash' | 'short-dash';

/** How one candidate is told apart from the others; colour is never the only cue. */
export interface SlotStyle {
  readonly letter: string;
  readonly colour: Rgb;
  readonly lineStyle: LineStyle;
}

/** One sequence of the case, with the masks that lie on its grid (null: this sequence has none). */
export interface SequenceImage {
  readonly name: string;
  readonly volume: Volume;
  readonly candidates: PackedCandidates | null;
  /** First window; without it, the 1st to 99.5th percentile of the non-zero values. */
  readonly window?: Window;
}

/** All that a viewer needs of a presentation; sequences need not share a grid, they are linked in millimetres. */
export interface ViewerPresentation {
  readonly sequences: readonly SequenceImage[];
  /** In slot order: the first slot is the lowest digit of the packed code. At most three with base 6. */
  readonly slots: readonly SlotStyle[];
  /** Index of the sequence shown first; 0 without it. */
  readonly sequence?: number;
  /** Where the crosshair starts; the largest slice of the union of all slots without it. */
  readonly start?: 'largest_slice' | 'middle';
  /** Open with every mask hidden until `setOverlaysHidden(false)`, so that the image is read first. */
  readonly overlaysHidden?: boolean;
}

/** `three`: the three planes side by side; `hero`: the acquisition plane large, the two others beside it. */
export type PlaneLayout = Plane | 'three' | 'hero';

/** What is drawn of one slot. `opacity` (0 to 1) scales outline and fill together. */
export interface SlotState {
  readonly visible: boolean;
  readonly outline: boolean;
  readonly fill: boolean;
  readonly opacity: number;
}

/** Where the crosshair is, in everything a read-out needs. */
export interface CrosshairPosition {
  /** RAS+ millimetres of the voxel centre. */
  readonly mm: Vec3;
  /** Voxel (i, j, k) of the current sequence as stored. */
  readonly voxel: Vec3;
  /** 1-based slice number in each plane, and how many there are. */
  readonly slice: Readonly<Record<Plane, number>>;
  readonly slices: Readonly<Record<Plane, number>>;
  /** Image value under the crosshair (after slope and intercept). */
  readonly value: number;
  /** Plane the person is in: the one last scrolled, clicked or laid out as main. */
  readonly plane: Plane;
}

export interface ViewerEvents {
  crosshair: CrosshairPosition;
  /** The image of the presentation just opened is on the canvas, correct and complete. */
  'first-pixels': { readonly sequence: string; readonly at: DOMHighResTimeStamp };
  window: Window;
  /** A pointer gesture ended; for use statistics. */
  gesture: { readonly kind: 'scroll' | 'crosshair' | 'window' | 'pan' | 'zoom' | 'ruler' | 'swipe' };
  /** The divider was dragged: its place, 0 (left) to 1 (right) of the pane. */
  swipe: number;
  /** The graphics context was lost, or is back after the viewer rebuilt itself. */
  context: 'lost' | 'restored';
}

/** Counted since creation; toggles, opacity, outline, disagreement, swipe and scroll must leave uploads and bakes alone. */
export interface ViewerCounters {
  /** Frames drawn (at most one per animation frame). */
  readonly draws: number;
  /** Volumes, masks or parts of them copied to the drawing side (textures, or reoriented copies). */
  readonly uploads: number;
  /** Times a whole image volume was converted to display values. */
  readonly bakes: number;
  /** Textures alive now (0 for the CPU adapter). */
  readonly textures: number;
}

export interface ViewerPort {
  /** Which adapter draws, and the renderer's own name; recorded with the session as study metadata. */
  readonly adapter: 'niivue' | 'canvas2d';
  readonly renderer: string;
  readonly counters: ViewerCounters;

  /**
   * Show a presentation: first sequence, `hero` in its acquisition plane, crosshair on the largest slice of the union
   * of the masks (or mid-volume), default window, all slots visible as outline and fill. Resolves when it is drawn.
   * Layout, panes, crosshair visibility and interpolation set before stay; slot states, solo, disagreement and swipe
   * do not. A second call before the first has resolved wins; the first then resolves without showing anything.
   */
  open(presentation: ViewerPresentation): Promise<void>;
  /** Show another sequence at the same millimetre position; each keeps its own window. */
  setSequence(index: number): Promise<void>;
  readonly sequence: number;

  setPlaneLayout(layout: PlaneLayout): void;
  /** Nearest stored acquisition plane of the current sequence (largest spacing; axial when isotropic). */
  readonly acquisitionPlane: Plane;
  readonly position: CrosshairPosition;
  /** Move to the voxel nearest this point, clamped to the volume. */
  moveTo(mm: Vec3): void;
  /** Step by whole slices, clamped; positive is towards R, A, S. Null: the current plane. */
  scroll(plane: Plane | null, slices: number): void;
  /** Slice of the current plane where the union of all slots (visible or not) is largest; false when there is none. */
  goToLargestSlice(): boolean;

  readonly window: Window;
  setWindow(low: number, high: number): void;
  /** A named window of the current sequence: `default` (percentiles), `wide` (full range) or `narrow` (25th to 99.5th). */
  setWindowPreset(preset: WindowPreset): void;
  resetWindow(): void;

  setSlotState(slot: number, state: Partial<SlotState>): void;
  slotState(slot: number): SlotState;
  /** Hide every mask, outline and disagreement (hold Space, S); slot states are kept. */
  setOverlaysHidden(hidden: boolean): void;
  /** Show this slot alone; null shows all again. */
  setSolo(slot: number | null): void;
  /** Colour by how many slots include the voxel: red one, yellow some, blue all. Replaces outlines and fills. */
  setDisagreement(on: boolean): void;
  /** Masks are drawn only left of the divider, at 0 to 1 of each pane's width; null removes it. */
  setSwipe(position: number | null): void;
  /** `synced`: the main plane once per slot, side by side, each with its slot alone. */
  setPanes(panes: 'single' | 'synced'): void;

  /** 1 fits what the image shows (its black margins left out) in the pane; clamped to 1 … 12. */
  setZoom(zoom: number): void;
  readonly zoom: number;
  /** Move the picture by CSS pixels of the main pane. */
  panBy(dx: number, dy: number): void;
  resetView(): void;
  setInterpolation(mode: 'linear' | 'nearest'): void;
  setCrosshairVisible(visible: boolean): void;
  /** While on, a left drag measures in mm instead of moving the crosshair; off clears the measure. */
  setRuler(on: boolean): void;

  /** Returns the function that unsubscribes. */
  on<K extends keyof ViewerEvents>(type: K, listener: (event: ViewerEvents[K]) => void): () => void;
  /** Free every buffer and context; the host element is left empty. */
  destroy(): void;
}

export type WindowPreset = 'default' | 'wide' | 'narrow';

export interface ViewerOptions {
  /** Override the choice by renderer (tests, or a person's setting). */
  readonly adapter?: 'niivue' | 'canvas2d';
  /** Radiological (patient's right on the left of the screen) unless the protocol says otherwise. */
  readonly radiological?: boolean;
  readonly interpolation?: 'linear' | 'nearest';
  /** Share of a slot's colour that a full fill lays over the image, 0 to 1; 0.15 without it. */
  readonly fillOpacity?: number;
  /** Width of the outlines in CSS pixels; 2 without it. */
  readonly outlinePx?: number;
  /** Accessible name of the image; default "Medical image". */
  readonly label?: string;
}

/** `createViewer(host, options)` of `viewer/create.ts`. The host is an empty, positioned element with a size. */
export type CreateViewer = (host: HTMLElement, options?: ViewerOptions) => Promise<ViewerPort>;
