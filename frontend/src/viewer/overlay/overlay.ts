/** The transparent canvas above the image: outlines and furniture, drawn in the same frame as the image below. */
import type { Frame } from '../renderer';
import type { LoadedSequence } from '../loaded';
import { drawFurniture } from './furniture';
import { Outlines } from './outlines';

export class Overlay {
  readonly canvas = document.createElement('canvas');
  private readonly outlines = new Outlines();
  private context: CanvasRenderingContext2D | null = null;

  /** `onProcessor`: keep the browser from drawing through an emulated graphics card. */
  constructor(private readonly onProcessor: boolean) {}

  /** Forget the outlines of the presentation before. */
  clear(): void {
    this.outlines.clear();
  }

  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
  }

  draw(frame: Frame, loaded: LoadedSequence): void {
    const context = (this.context ??= this.canvas.getContext('2d', { willReadFrequently: this.onProcessor }));
    if (!context) return;
    const ratio = frame.pixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const pane of frame.panes) {
      this.outlines.draw(context, loaded, frame.state, pane, ratio);
      drawFurniture(context, loaded, frame.state, pane);
    }
    drawSeams(context, frame);
  }
}

/** Quiet lines between the panes. */
function drawSeams(context: CanvasRenderingContext2D, { panes }: Frame): void {
  context.fillStyle = '#252c34';
  for (const { rect } of panes) {
    if (rect.x > 0) context.fillRect(rect.x - 2, rect.y, 2, rect.height);
    if (rect.y > 0) context.fillRect(rect.x, rect.y - 2, rect.width, 2);
  }
}
