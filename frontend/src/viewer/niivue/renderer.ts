/**
 * NiiVue draws: it converts each image to a display texture and lends its context, geometry and slice program.
 *
 * Layout, pan, zoom, input and text are ours (its own scene is never drawn), so both adapters place every voxel
 * alike. Textures of each sequence stay on the card: changing sequence uploads once, changing anything else never.
 */
import { NVImage, Niivue } from '@niivue/niivue';
import { PLANE_AXES } from '../../kernel/planes';
import type { Window } from '../../kernel/types';
import type { PaneView } from '../layout';
import type { LoadedSequence } from '../loaded';
import { rendererName } from '../probe';
import { freshCounters } from '../renderer';
import type { Frame, Renderer } from '../renderer';
import { slotInk } from '../state';
import { countTextures } from './counting';
import { rasNifti } from './image';
import { MAX_SLOTS, SLICE_SHADER } from './shader';

const DRAWING_UNIT = 7;

/** What a sequence holds on the graphics card, and the window that its image was converted with. */
interface OnCard {
  readonly image: NVImage;
  texture: WebGLTexture;
  readonly drawing: WebGLTexture;
  baked: Window;
}

export class NiivueRenderer implements Renderer {
  readonly adapter = 'niivue';
  readonly counters = freshCounters();
  readonly renderer: string;
  private readonly uniforms = new Map<string, WebGLUniformLocation | null>();
  private readonly onCard = new Map<number, OnCard>();
  private readonly stop = new AbortController();
  private sequences: readonly LoadedSequence[] = [];
  private current = 0;

  private constructor(
    private readonly nv: Niivue,
    readonly canvas: HTMLCanvasElement,
    onLost: () => void,
  ) {
    this.renderer = rendererName(nv.gl);
    countTextures(nv.gl, this.counters);
    nv.setCustomSliceShader(SLICE_SHADER);
    canvas.addEventListener('webglcontextlost', () => onLost(), { signal: this.stop.signal });
  }

  static async create(onLost: () => void): Promise<NiivueRenderer> {
    const canvas = document.createElement('canvas');
    document.createElement('div').append(canvas);
    const nv = new Niivue({
      interactive: false,
      dragAndDropEnabled: false,
      isResizeCanvas: false,
      isOrientationTextVisible: false,
      loadingText: '',
      logLevel: 'error',
    });
    // No text, no meshes and no scene of its own: each would compile programs or draw what we draw ourselves.
    nv.initText = async () => undefined;
    nv.meshShaders = [];
    nv.drawScene = () => undefined;
    await nv.attachToCanvas(canvas, false);
    return new NiivueRenderer(nv, canvas, onLost);
  }

  open(sequences: readonly LoadedSequence[]): void {
    for (const { texture, drawing } of this.onCard.values()) {
      this.nv.gl.deleteTexture(texture);
      this.nv.gl.deleteTexture(drawing);
    }
    this.onCard.clear();
    this.sequences = sequences;
  }

  async select(index: number, window: Window): Promise<void> {
    if (!this.onCard.has(index)) await this.upload(index, window);
    this.current = index;
    this.settleWindow(window);
  }

  settleWindow(window: Window): void {
    const held = this.onCard.get(this.current);
    if (!held || (held.baked.low === window.low && held.baked.high === window.high)) return;
    held.texture = this.bake(held.image, window, held.texture);
    held.baked = window;
  }

  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
  }

  draw(frame: Frame): void {
    const { gl } = this.nv;
    const held = this.onCard.get(this.current);
    const loaded = this.sequences[this.current];
    const program = this.nv.customSliceShader?.program;
    if (!held || !loaded || !program || gl.isContextLost()) return;
    this.counters.draws += 1;
    this.clear();
    gl.useProgram(program);
    bind(gl, 0, held.texture);
    bind(gl, DRAWING_UNIT, held.drawing);
    this.setFrameUniforms(frame, loaded, held.baked);
    gl.bindVertexArray(this.nv.genericVAO);
    gl.enable(gl.SCISSOR_TEST);
    for (const pane of frame.panes) this.drawPane(frame, loaded, pane);
    gl.disable(gl.SCISSOR_TEST);
    gl.bindVertexArray(this.nv.unusedVAO);
  }

  finish(): void {
    const { gl } = this.nv;
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  destroy(): void {
    this.stop.abort();
    this.open([]);
    this.nv.cleanup();
    this.nv.gl.getExtension('WEBGL_lose_context')?.loseContext();
    this.canvas.remove();
  }

  private async upload(index: number, window: Window): Promise<void> {
    const loaded = this.sequences[index];
    if (!loaded) throw new RangeError(`viewer.sequence: there is no sequence ${index}.`);
    const image = await NVImage.loadFromUrl({ url: rasNifti(loaded, window), name: 'image.nii', colormap: 'gray' });
    if (this.sequences[index] !== loaded) return;
    const texture = this.bake(image, window, null);
    this.onCard.set(index, { image, texture, drawing: this.uploadMasks(loaded), baked: window });
  }

  /** Convert the image to display values; the texture of the last window is replaced. */
  private bake(image: NVImage, window: Window, previous: WebGLTexture | null): WebGLTexture {
    const { nv } = this;
    this.counters.bakes += 1;
    image.cal_min = window.low;
    image.cal_max = window.high;
    nv.volumeTexture = previous;
    nv.volumes = [image];
    nv.setVolume(image, 0);
    const baked = nv.volumeTexture as WebGLTexture | null;
    if (!baked) throw new Error('viewer.bake: the graphics card did not take the image.');
    nv.volumeTexture = null;
    // Only its 3-D rendering needs the gradient: as large as the image again.
    nv.gl.deleteTexture(nv.gradientTexture);
    nv.gradientTexture = null;
    return baked;
  }

  private uploadMasks({ masks, grid }: LoadedSequence): WebGLTexture {
    const { gl } = this.nv;
    const texture = gl.createTexture();
    const [x, y, z] = masks ? grid.dims : [1, 1, 1];
    bind(gl, DRAWING_UNIT, texture);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_3D, filter, gl.NEAREST);
    }
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texStorage3D(gl.TEXTURE_3D, 1, gl.R8, x, y, z);
    const codes = masks?.codes ?? new Uint8Array(1);
    gl.texSubImage3D(gl.TEXTURE_3D, 0, 0, 0, 0, x, y, z, gl.RED, gl.UNSIGNED_BYTE, codes);
    return texture;
  }

  private clear(): void {
    const { gl } = this.nv;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    for (const feature of [gl.DEPTH_TEST, gl.CULL_FACE, gl.BLEND, gl.SCISSOR_TEST]) gl.disable(feature);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  private setFrameUniforms({ state, window }: Frame, loaded: LoadedSequence, baked: Window): void {
    const { gl } = this.nv;
    const width = window.high - window.low;
    gl.uniform1i(this.at('volume'), 0);
    gl.uniform1i(this.at('drawing'), DRAWING_UNIT);
    gl.uniform1i(this.at('nearestImage'), state.interpolation === 'nearest' ? 1 : 0);
    gl.uniform2f(this.at('gain'), (baked.high - baked.low) / width, (baked.low - window.low) / width);
    gl.uniform1i(this.at('base'), loaded.masks?.base ?? 2);
    gl.uniform1i(this.at('slots'), loaded.masks && !state.hidden ? state.slots.length : 0);
    gl.uniform1i(this.at('disagreement'), state.disagreement ? 1 : 0);
    gl.uniform3fv(this.at('colours'), padded(state.slots.flatMap(({ colour }) => colour.map((c) => c / 255)), 3));
    gl.uniformMatrix4fv(this.at('frac2mm'), false, IDENTITY);
  }

  private drawPane({ state, pixelRatio: ratio }: Frame, { grid }: LoadedSequence, pane: PaneView): void {
    const { gl } = this.nv;
    const { rect, plane } = pane;
    const { width, height } = this.canvas;
    const left = Math.round(rect.x * ratio);
    const right = Math.round((rect.x + rect.width) * ratio);
    const top = Math.round(rect.y * ratio);
    const bottom = Math.round((rect.y + rect.height) * ratio);
    gl.scissor(left, height - bottom, right - left, bottom - top);
    gl.uniform1fv(this.at('fills'), padded(state.slots.map((_, slot) => slotInk(state, slot, pane.slot).fill), 1));
    gl.uniform1f(this.at('swipeX'), state.swipe === null ? width : (rect.x + rect.width * state.swipe) * ratio);
    gl.uniform1i(this.at('axCorSag'), { axial: 0, coronal: 1, sagittal: 2 }[plane]);
    gl.uniform1f(this.at('slice'), (pane.slice + 0.5) / grid.dims[PLANE_AXES[plane].n]);
    gl.uniformMatrix4fv(this.at('mvpMtx'), false, placement(pane, grid.dims, width / ratio, height / ratio));
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  private at(name: string): WebGLUniformLocation | null {
    const known = this.uniforms.get(name);
    if (known !== undefined) return known;
    const program = this.nv.customSliceShader?.program;
    const found = program ? this.nv.gl.getUniformLocation(program, name) : null;
    this.uniforms.set(name, found);
    return found;
  }
}

const IDENTITY = new Float32Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);

const padded = (values: readonly number[], perSlot: number): Float32Array =>
  Float32Array.from({ length: MAX_SLOTS * perSlot }, (_, at) => values[at] ?? 0);

function bind(gl: WebGL2RenderingContext, unit: number, texture: WebGLTexture): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_3D, texture);
}

/** Texture fraction (0 to 1 along each RAS axis) to clip space of the whole canvas; column-major. */
function placement(pane: PaneView, dims: readonly [number, number, number], width: number, height: number): Float32Array {
  const { u, v } = PLANE_AXES[pane.plane];
  const matrix = new Float32Array(16);
  matrix[4 * u] = (2 * dims[u] * pane.scaleX) / width;
  matrix[4 * v + 1] = (-2 * dims[v] * pane.scaleY) / height;
  matrix[12] = (2 * pane.originX) / width - 1;
  matrix[13] = 1 - (2 * pane.originY) / height;
  matrix[15] = 1;
  return matrix;
}
