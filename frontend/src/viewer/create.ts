/** Chooses who draws: NiiVue where a graphics card does, our own canvas where the processor would have to pretend. */
import { Canvas2dRenderer } from './canvas2d/renderer';
import { Viewer } from './controller';
import type { RendererFactory } from './stage';
import type { ViewerOptions, ViewerPort } from './port';
import { probeGraphics } from './probe';

/**
 * Make a viewer in an empty, positioned element with a size.
 *
 * Without `options.adapter` the renderer decides; NiiVue's code is only loaded when it is used, and a viewer whose
 * graphics context cannot be had (again) goes on with the CPU adapter.
 */
export async function createViewer(host: HTMLElement, options: ViewerOptions = {}): Promise<ViewerPort> {
  const adapter = options.adapter ?? (probeGraphics().isHardware ? 'niivue' : 'canvas2d');
  const factory: RendererFactory = adapter === 'niivue' ? niivueOrCanvas() : async () => new Canvas2dRenderer();
  return Viewer.create(host, factory, options);
}

/** A card that loses its context this often in one session is not one to read on. */
const MOST_CONTEXTS = 3;

function niivueOrCanvas(): RendererFactory {
  let made = 0;
  return async (onLost) => {
    made += 1;
    if (made > MOST_CONTEXTS) return new Canvas2dRenderer();
    try {
      const { NiivueRenderer } = await import('./niivue/renderer');
      return await NiivueRenderer.create(onLost);
    } catch (error) {
      reportError(error);
      return new Canvas2dRenderer();
    }
  };
}
