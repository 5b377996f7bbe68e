import type { MutableCounters } from '../renderer';

/** Count textures alive and 3-D uploads at the graphics interface itself, so that no path can go uncounted. */
export function countTextures(gl: WebGL2RenderingContext, counters: MutableCounters): void {
  const alive = new Set<WebGLTexture>();
  const { createTexture, deleteTexture, texSubImage3D, texImage3D } = gl;
  gl.createTexture = () => {
    const texture = createTexture.call(gl);
    alive.add(texture);
    counters.textures = alive.size;
    return texture;
  };
  gl.deleteTexture = (texture) => {
    if (texture) alive.delete(texture);
    counters.textures = alive.size;
    deleteTexture.call(gl, texture);
  };
  const counted =
    (upload: (...args: never[]) => void) =>
    (...args: unknown[]): void => {
      counters.uploads += 1;
      upload.apply(gl, args as never[]);
    };
  gl.texSubImage3D = counted(texSubImage3D);
  gl.texImage3D = counted(texImage3D);
}
