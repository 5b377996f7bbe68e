/** The host element, its two canvases and what draws on them: sizes, frames (at most one a screen refresh), recovery. */
import { acquisitionPlane } from '../kernel/planes';
import type { Plane, Window } from '../kernel/types';
import type { Emitter } from './events';
import { paneViews } from './layout';
import type { PaneView, Rect } from './layout';
import type { LoadedSequence } from './loaded';
import { Overlay } from './overlay/overlay';
import type { Renderer } from './renderer';
import type { DisplayState } from './state';

/** Makes the drawing side; called again when a graphics context is lost. */
export type RendererFactory = (onLost: () => void) => Promise<Renderer>;

export class Stage {
  sequences: readonly LoadedSequence[] = [];
  readonly overlay: Overlay;
  isDestroyed = false;
  private readonly observer: ResizeObserver;
  private size: Rect = { x: 0, y: 0, width: 0, height: 0 };
  private pending = 0;
  private pixelRatio = 1;

  private constructor(
    private readonly host: HTMLElement,
    private readonly makeRenderer: RendererFactory,
    private readonly state: DisplayState,
    private readonly emitter: Emitter,
    private drawing: Renderer,
  ) {
    this.overlay = new Overlay(drawing.adapter === 'canvas2d');
    host.style.backgroundColor = '#000';
    for (const canvas of [drawing.canvas, this.overlay.canvas]) host.append(fillHost(canvas));
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(host);
    this.fit();
  }

  static async create(
    host: HTMLElement,
    makeRenderer: RendererFactory,
    state: DisplayState,
    emitter: Emitter,
  ): Promise<Stage> {
    let stage: Stage | null = null;
    const drawing = await makeRenderer(() => void stage?.rebuild());
    stage = new Stage(host, makeRenderer, state, emitter, drawing);
    return stage;
  }

  get renderer(): Renderer {
    return this.drawing;
  }

  /** The current sequence; throws before the first presentation. */
  get loaded(): LoadedSequence {
    const loaded = this.sequences[this.state.sequence];
    if (!loaded) throw new Error('viewer.empty: open a presentation first.');
    return loaded;
  }

  get acquired(): Plane {
    return acquisitionPlane(this.loaded.grid);
  }

  get window(): Window {
    return this.state.windows[this.state.sequence] ?? { low: 0, high: 1 };
  }

  panes(): PaneView[] {
    if (this.sequences.length === 0) return [];
    return paneViews(this.state, this.loaded, this.acquired, this.size);
  }

  /** Hand the sequences that are held to the drawing side and make the current one ready. */
  async load(): Promise<void> {
    this.overlay.clear();
    this.drawing.open(this.sequences);
    await this.drawing.select(this.state.sequence, this.window);
  }

  redraw(): void {
    this.pending ||= requestAnimationFrame(() => this.drawNow());
  }

  drawNow(): void {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    if (this.isDestroyed || this.sequences.length === 0 || this.size.width === 0) return;
    // The window moved to a screen of another density.
    if (this.pixelRatio !== (window.devicePixelRatio || 1)) return this.fit();
    const frame = { state: this.state, panes: this.panes(), window: this.window, pixelRatio: this.pixelRatio };
    this.drawing.draw(frame);
    this.overlay.draw(frame, this.loaded);
  }

  destroy(): void {
    this.isDestroyed = true;
    cancelAnimationFrame(this.pending);
    this.observer.disconnect();
    this.drawing.destroy();
    this.overlay.canvas.remove();
    this.sequences = [];
  }

  private fit(): void {
    const [width, height] = [this.host.clientWidth, this.host.clientHeight];
    this.size = { x: 0, y: 0, width, height };
    this.pixelRatio = window.devicePixelRatio || 1;
    const pixels = (length: number): number => Math.max(1, Math.round(length * this.pixelRatio));
    this.drawing.resize(pixels(width), pixels(height));
    this.overlay.resize(pixels(width), pixels(height));
    this.drawNow();
  }

  /** The graphics context went away: build a new one from what is held in memory, and say so. */
  private async rebuild(): Promise<void> {
    if (this.isDestroyed) return;
    this.emitter.emit('context', 'lost');
    const lost = this.drawing;
    const next = await this.makeRenderer(() => void this.rebuild());
    if (this.isDestroyed) return next.destroy();
    this.drawing = next;
    lost.canvas.replaceWith(fillHost(next.canvas));
    lost.destroy();
    this.fit();
    if (this.sequences.length > 0) await this.load();
    this.drawNow();
    this.emitter.emit('context', 'restored');
  }
}

function fillHost(canvas: HTMLCanvasElement): HTMLCanvasElement {
  Object.assign(canvas.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', display: 'block' });
  return canvas;
}
