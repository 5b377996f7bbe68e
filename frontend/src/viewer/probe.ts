/** Asks the browser who draws WebGL2; a processor that plays graphics card is slower than drawing slices ourselves. */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|warp|mesa offscreen|paravirtual/i;

/** The smallest 3-D texture that holds the usual head and body grids. */
const NEEDED_TEXTURE = 1024;

export interface Graphics {
  readonly renderer: string;
  /** WebGL2 on real hardware with large enough textures. */
  readonly isHardware: boolean;
}

export const isSoftwareRenderer = (name: string): boolean => SOFTWARE.test(name);

export function probeGraphics(): Graphics {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return { renderer: 'no WebGL2', isHardware: false };
  const renderer = rendererName(gl);
  const fits = (gl.getParameter(gl.MAX_3D_TEXTURE_SIZE) as number) >= NEEDED_TEXTURE;
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { renderer, isHardware: fits && !isSoftwareRenderer(renderer) };
}

export function rendererName(gl: WebGL2RenderingContext): string {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}
