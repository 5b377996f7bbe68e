/** What an adapter must do; everything a person sees that is not image or fill is drawn above it by the overlay. */
import type { Window } from '../kernel/types';
import type { PaneView } from './layout';
import type { LoadedSequence } from './loaded';
import type { ViewerCounters } from './port';
import type { DisplayState } from './state';

export interface Frame {
  readonly state: DisplayState;
  readonly panes: readonly PaneView[];
  readonly window: Window;
  readonly pixelRatio: number;
}

export interface Renderer {
  readonly adapter: 'niivue' | 'canvas2d';
  readonly renderer: string;
  readonly canvas: HTMLCanvasElement;
  readonly counters: ViewerCounters;
  /** Forget what was loaded and take these sequences; the first `select` of each uploads it. */
  open(sequences: readonly LoadedSequence[]): void;
  /** Make a sequence current, with its window settled. */
  select(index: number, window: Window): Promise<void>;
  /** The window drag ended: convert the image at full depth for this window. */
  settleWindow(window: Window): void;
  resize(width: number, height: number): void;
  draw(frame: Frame): void;
  /** Wait until what was drawn is on the canvas. */
  finish(): void;
  destroy(): void;
}

/** Counts that a renderer may change. */
export interface MutableCounters extends ViewerCounters {
  draws: number;
  uploads: number;
  bakes: number;
  textures: number;
}

export const freshCounters = (): MutableCounters => ({ draws: 0, uploads: 0, bakes: 0, textures: 0 });
