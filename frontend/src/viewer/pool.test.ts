import { describe, expect, it } from 'vitest';
import { DecodedCache, presentationBytes } from './pool';
import type { ViewerPresentation } from './port';
import { positionText, scaleBarLength } from './overlay/furniture';
import { isSoftwareRenderer } from './probe';

function presentation(bytes: number, sequences = 1): ViewerPresentation {
  const voxels = new Uint8Array(bytes);
  const affine = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]] as const;
  const volume = { shape: [bytes, 1, 1] as const, voxels, slope: 1, intercept: 0, affine, file: voxels.buffer };
  const candidates = { codes: new Uint8Array(bytes), base: 6, order: 'ras' as const };
  return { sequences: Array.from({ length: sequences }, () => ({ name: 'T2', volume, candidates })), slots: [] };
}

describe('decoded presentations', () => {
  it('count a buffer that sequences share once', () => {
    expect(presentationBytes(presentation(100, 3))).toBe(200);
  });

  it('stay under the cap, oldest out first, the newest always in', () => {
    const cache = new DecodedCache(500);
    for (const key of ['one', 'two', 'three']) cache.put(key, presentation(100));
    expect(['one', 'two', 'three'].map((key) => cache.has(key))).toEqual([false, true, true]);
    expect(cache.bytes).toBe(400);
    cache.put('huge', presentation(1000));
    expect(['two', 'three', 'huge'].map((key) => cache.has(key))).toEqual([false, false, true]);
  });

  it('count as new again when they are put again', () => {
    const cache = new DecodedCache(500);
    for (const key of ['one', 'two', 'one', 'three']) cache.put(key, presentation(100));
    expect(['one', 'two', 'three'].map((key) => cache.has(key))).toEqual([true, false, true]);
  });
});

describe('the renderer', () => {
  it.each([
    ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)', true],
    ['llvmpipe (LLVM 15.0.7, 256 bits)', true],
    ['ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)', true],
    ['ANGLE (Intel, Intel(R) UHD Graphics 620 (0x00003EA0) Direct3D11 vs_5_0 ps_5_0, D3D11)', false],
    ['ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)', false],
    ['Apple GPU', false],
    ['ANGLE (AMD, AMD Radeon Pro WX 3200 Direct3D11 vs_5_0 ps_5_0, D3D11)', false],
  ])('%s: software is %s', (name, software) => {
    expect(isSoftwareRenderer(name)).toBe(software);
  });
});

describe('read-outs', () => {
  it('name the side of each coordinate', () => {
    expect(positionText([-12.75, 3, 41.24])).toBe('L 12.8  A 3.0  S 41.2 mm');
    expect(positionText([12, -3, -41])).toBe('R 12.0  P 3.0  I 41.0 mm');
  });

  it('take the longest round scale bar under a quarter of the pane', () => {
    expect(scaleBarLength(2, 600)).toBe(50);
    expect(scaleBarLength(7.2, 750)).toBe(20);
    expect(scaleBarLength(400, 100)).toBe(1);
  });
});
