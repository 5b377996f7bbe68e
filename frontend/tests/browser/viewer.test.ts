/** Both adapters in headless Chromium, under our content security policy, on a made-up head of 64 × 64 × 48 voxels. */
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ViewerCounters, ViewerPort } from '../../src/viewer/port';
import type { Lab } from '../pages/viewer';
import NIFTI from '../golden/nifti.json';
import { openBench } from './bench';
import type { Bench } from './bench';
import { meanColour, meanDifference } from './pixels';
import type { Region } from './pixels';

interface Tested {
  lab: Lab;
  viewer: ViewerPort;
}

const ADAPTERS = ['canvas2d', 'niivue'] as const;
const SIZE = { width: 480, height: 480 };

let bench: Bench;
let page: Page;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(() => page.close());

/** A fresh page with one axial pane and no crosshair, showing the phantom on this grid. */
async function show(adapter: (typeof ADAPTERS)[number], grid = 'lps'): Promise<void> {
  page = await bench.newPage(SIZE.width, SIZE.height);
  await page.evaluate(
    async ([chosen, name]) => {
      const tested = window as unknown as Tested;
      const host = document.getElementById('host') as HTMLElement;
      tested.viewer = await tested.lab.createViewer(host, { adapter: chosen });
      tested.viewer.setCrosshairVisible(false);
      await tested.viewer.open(tested.lab.phantom(name));
      tested.viewer.setPlaneLayout('axial');
    },
    [adapter, grid] as const,
  );
  await settled();
}

/** After two frames everything asked for is on the screen. */
const settled = (): Promise<unknown> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function act(change: (viewer: ViewerPort) => unknown): Promise<void> {
  await page.evaluate(`(${change.toString()})(window.viewer)`);
  await settled();
}

const counters = (): Promise<ViewerCounters> => page.evaluate(() => (window as unknown as Tested).viewer.counters);
const position = (): Promise<ViewerPort['position']> =>
  page.evaluate(() => (window as unknown as Tested).viewer.position);
const region = async (area: Region): Promise<number[]> => meanColour(await page.screenshot(), area);

/** Screen box around a point of the axial pane, given in millimetres; the phantom is 80 × 90 mm around the origin. */
async function around(mm: readonly [number, number], size = 6): Promise<Region> {
  const [x, y] = await page.evaluate((at) => {
    const inner = (window as unknown as Tested).viewer as unknown as {
      stage: {
        panes(): { originX: number; originY: number; scaleX: number; scaleY: number }[];
        loaded: { grid: { dims: number[]; spacing: number[] } };
      };
    };
    const pane = inner.stage.panes()[0];
    const { dims, spacing } = inner.stage.loaded.grid;
    if (!pane) throw new Error('no pane');
    const edge = (axis: 0 | 1): number => (at[axis] ?? 0) / (spacing[axis] ?? 1) + (dims[axis] ?? 0) / 2;
    return [pane.originX + edge(0) * pane.scaleX, pane.originY + edge(1) * pane.scaleY];
  }, mm);
  return { x: (x ?? 0) - size / 2, y: (y ?? 0) - size / 2, width: size, height: size };
}

describe.each(ADAPTERS)('the %s adapter', (adapter) => {
  it('draws with itself, once per opening, and without a policy violation', async () => {
    await show(adapter);
    expect(await page.evaluate(() => (window as unknown as Tested).viewer.adapter)).toBe(adapter);
    expect(await page.evaluate(() => (window as unknown as Tested).lab.violations)).toEqual([]);
  });

  it.each(['ras', 'lps', 'asr', 'thick'])('shows the left lesion on the right, in front, stored as %s', async (grid) => {
    await show(adapter, grid);
    await act((viewer) => viewer.setOverlaysHidden(true));
    const bright = await region(await around([-14, 10]));
    const opposite = await region(await around([14, 10]));
    const behind = await region(await around([-14, -16]));
    expect(Math.min(...bright)).toBeGreaterThan(220);
    expect(Math.max(...opposite, ...behind)).toBeLessThan(180);
    expect((await around([-14, 10])).x).toBeGreaterThan(SIZE.width / 2);
    expect((await around([-14, 10])).y).toBeLessThan(SIZE.height / 2);
  });

  it('starts at the middle of the lesion, on the largest slice of the union', async () => {
    await show(adapter);
    const { mm, value, plane } = await position();
    expect(plane).toBe('axial');
    expect(value).toBe(900);
    [-13, 11, 8].forEach((expected, axis) => expect(Math.abs((mm[axis] ?? NaN) - expected)).toBeLessThan(2.1));
  });

  it('fills a slot with 15 % of its colour where it lies, and nothing beside it', async () => {
    await show(adapter);
    await act((viewer) => viewer.setSlotState(0, { visible: false }));
    await act((viewer) => viewer.setSlotState(2, { visible: false }));
    await act((viewer) => viewer.setSlotState(1, { outline: false }));
    const inside = await region(await around([-13, 11]));
    const expected = [86, 180, 233].map((c) => 255 * 0.85 + c * 0.15);
    inside.forEach((value, c) => expect(Math.abs(value - (expected[c] ?? NaN))).toBeLessThan(3));
    const [r = 0, g = 0, b = 0] = await region(await around([14, 10]));
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(2);
  });

  it('draws each outline in its colour at the border of its mask', async () => {
    await show(adapter);
    const border = { slotRadius: 11, centre: [-12, 11] as const };
    await act((viewer) => viewer.setSolo(1));
    const solo = await region(await around([border.centre[0] + border.slotRadius, border.centre[1]], 12));
    await act((viewer) => viewer.setSlotState(1, { outline: false }));
    const bare = await region(await around([border.centre[0] + border.slotRadius, border.centre[1]], 12));
    const gained = solo.map((value, c) => value - (bare[c] ?? 0));
    expect((gained[2] ?? 0) - (gained[0] ?? 0)).toBeGreaterThan(8);
  });

  it('colours disagreement by how many slots include a voxel', async () => {
    await show(adapter);
    await act((viewer) => viewer.setDisagreement(true));
    const [, , allBlue = 0] = await region(await around([-14, 10]));
    const [allRed = 0] = await region(await around([-14, 10]));
    const [oneRed = 0, oneGreen = 0] = await region(await around([-3, 15], 3));
    expect(allBlue).toBeGreaterThan(allRed + 40);
    expect(oneRed).toBeGreaterThan(oneGreen + 25);
  });

  it('draws masks only left of the swipe divider', async () => {
    await show(adapter);
    const at = await around([-14, 10]);
    await act((viewer) => viewer.setSlotState(0, { opacity: 1 }));
    await act((viewer) => viewer.setSwipe(0.2));
    expect(Math.max(...(await region(at))) - Math.min(...(await region(at)))).toBeLessThan(2);
    await act((viewer) => viewer.setSwipe(0.95));
    expect(Math.max(...(await region(at))) - Math.min(...(await region(at)))).toBeGreaterThan(3);
  });

  it('switches, dims, solos, compares, swipes and scrolls without an upload or a bake', async () => {
    await show(adapter);
    const before = await counters();
    await act((viewer) => viewer.setSlotState(1, { visible: false }));
    await act((viewer) => viewer.setSlotState(0, { opacity: 0.4, fill: false }));
    await act((viewer) => viewer.setSolo(2));
    await act((viewer) => viewer.setDisagreement(true));
    await act((viewer) => viewer.setSwipe(0.4));
    await act((viewer) => viewer.setPanes('synced'));
    await act((viewer) => viewer.setPlaneLayout('three'));
    await act((viewer) => viewer.setOverlaysHidden(true));
    await act((viewer) => viewer.scroll('coronal', 4));
    await act((viewer) => viewer.setZoom(3));
    const after = await counters();
    expect(after.uploads).toBe(before.uploads);
    expect(after.bakes).toBe(before.bakes);
    expect(after.textures).toBe(before.textures);
    expect(after.draws - before.draws).toBe(10);
  });

  it('draws once in a frame however much changes in it', async () => {
    await show(adapter);
    const before = await counters();
    await act((viewer) => {
      for (let step = 0; step < 8; step += 1) viewer.scroll('axial', 1);
      viewer.setSolo(1);
    });
    expect((await counters()).draws - before.draws).toBe(1);
  });

  it('scrolls with the wheel, moves the crosshair with a left drag, and stops at the last slice', async () => {
    await show(adapter);
    const start = await position();
    await page.mouse.move(240, 240);
    await page.mouse.wheel(0, -120);
    await settled();
    expect((await position()).slice.axial).toBe(start.slice.axial + 1);
    const target = await around([20, -10]);
    await page.mouse.move(target.x + 3, target.y + 3);
    await page.mouse.down();
    await page.mouse.up();
    const { mm } = await position();
    expect(Math.abs(mm[0] - 20)).toBeLessThan(1.5);
    expect(Math.abs(mm[1] + 10)).toBeLessThan(1.5);
    await act((viewer) => viewer.scroll('axial', 500));
    expect((await position()).slice.axial).toBe(48);
  });

  it('widens and shifts the window with a right drag and converts the image only at its end', async () => {
    await show(adapter);
    const before = await counters();
    const window0 = await page.evaluate(() => (window as unknown as Tested).viewer.window);
    await page.mouse.move(200, 200);
    await page.mouse.down({ button: 'right' });
    await page.mouse.move(300, 260, { steps: 5 });
    await settled();
    const during = await counters();
    await page.mouse.up({ button: 'right' });
    await settled();
    const window1 = await page.evaluate(() => (window as unknown as Tested).viewer.window);
    expect(during.bakes).toBe(before.bakes);
    expect((await counters()).bakes - before.bakes).toBe(adapter === 'niivue' ? 1 : 0);
    expect(window1.high - window1.low).toBeGreaterThan(window0.high - window0.low);
    expect(window1.low + window1.high).toBeGreaterThan(window0.low + window0.high);
  });

  it('zooms about the pointer with Ctrl and the wheel, pans with Z, and comes back', async () => {
    await show(adapter);
    const anchor = await around([-14, 10]);
    await page.mouse.move(anchor.x + 3, anchor.y + 3);
    await page.keyboard.down('Control');
    for (let step = 0; step < 6; step += 1) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await settled();
    const zoomed = await around([-14, 10]);
    expect(await page.evaluate(() => (window as unknown as Tested).viewer.zoom)).toBeGreaterThan(2);
    expect(Math.hypot(zoomed.x - anchor.x, zoomed.y - anchor.y)).toBeLessThan(2);
    await page.keyboard.down('z');
    await page.mouse.down();
    await page.mouse.move(anchor.x + 43, anchor.y + 3);
    await page.mouse.up();
    await page.keyboard.up('z');
    expect((await around([-14, 10])).x - zoomed.x).toBeCloseTo(40, 0);
    await act((viewer) => viewer.resetView());
    expect((await around([-14, 10])).x).toBeCloseTo(anchor.x, 3);
  });

  it('shows one slot in each synced pane', async () => {
    await show(adapter);
    await act((viewer) => viewer.setPanes('synced'));
    const shot = await page.screenshot();
    const hues = [0, 1, 2].map((pane) => meanColour(shot, { x: pane * 161 + 60, y: 180, width: 80, height: 90 }));
    const [orange = [], sky = [], purple = []] = hues;
    expect((orange[0] ?? 0) - (orange[2] ?? 0)).toBeGreaterThan(2);
    expect((sky[2] ?? 0) - (sky[0] ?? 0)).toBeGreaterThan(2);
    expect((purple[0] ?? 0) - (purple[1] ?? 0)).toBeGreaterThan(0.5);
  });

  it('keeps its textures constant over 30 presentations', async () => {
    await show(adapter);
    const held: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      await page.evaluate(async (name) => {
        const { lab, viewer } = window as unknown as Tested;
        await viewer.open(lab.phantom(name));
      }, round % 2 === 0 ? 'ras' : 'thick');
      held.push((await counters()).textures);
    }
    expect(new Set(held).size).toBe(1);
  });

  it('changes sequence at the same place with a window of its own, and uploads each once', async () => {
    await show(adapter);
    await page.evaluate(async () => {
      const { lab, viewer } = window as unknown as Tested;
      await viewer.open(lab.phantom('lps', ['T1', 'T2']));
      viewer.moveTo([20, -10, 4]);
      viewer.setWindow(100, 200);
      await viewer.setSequence(1);
    });
    await settled();
    const there = await position();
    const once = await counters();
    expect(await page.evaluate(() => (window as unknown as Tested).viewer.window.low)).not.toBe(100);
    await page.evaluate(async () => {
      const { viewer } = window as unknown as Tested;
      await viewer.setSequence(0);
      await viewer.setSequence(1);
    });
    expect((await position()).mm).toEqual(there.mm);
    expect((await counters()).uploads).toBe(once.uploads);
    expect((await counters()).bakes).toBe(once.bakes);
  });

  it('opens with the masks hidden and in the middle where the protocol says so', async () => {
    await show(adapter);
    await page.evaluate(async () => {
      const { lab, viewer } = window as unknown as Tested;
      await viewer.open({ ...lab.phantom('lps'), start: 'middle', overlaysHidden: true });
    });
    await settled();
    expect((await position()).slice).toEqual({ axial: 25, coronal: 33, sagittal: 33 });
    await act((viewer) => viewer.moveTo([-13, 11, 8]));
    const lesion = await around([-14, 10]);
    const bare = await region(lesion);
    expect(Math.max(...bare) - Math.min(...bare)).toBeLessThan(2);
    await act((viewer) => viewer.setOverlaysHidden(false));
    const drawn = await region(lesion);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(3);
  });

  it('shows the later of two presentations opened at once, and announces only that', async () => {
    await show(adapter);
    const announced = await page.evaluate(async () => {
      const { lab, viewer } = window as unknown as Tested;
      const names: string[] = [];
      viewer.on('first-pixels', ({ sequence }) => names.push(sequence));
      await Promise.all([viewer.open(lab.phantom('thick', ['early'])), viewer.open(lab.phantom('ras', ['late']))]);
      return names;
    });
    expect(announced).toEqual(['late']);
    expect((await position()).slices.axial).toBe(48);
    await act((viewer) => viewer.setOverlaysHidden(true));
    expect(Math.min(...(await region(await around([-14, 10]))))).toBeGreaterThan(220);
  });

  it('measures 20 mm on the patient as 20 mm, whatever the zoom', async () => {
    await show(adapter);
    await act((viewer) => viewer.setRuler(true));
    const [from, to] = [await around([-10, 10]), await around([10, 10])];
    await page.mouse.move(from.x + 3, from.y + 3);
    await page.mouse.down();
    await page.mouse.move(to.x + 3, to.y + 3);
    await page.mouse.up();
    const length = await page.evaluate(() => {
      const { state } = (window as unknown as Tested).viewer as unknown as {
        state: { measure: { from: number[]; to: number[] } };
      };
      const { from: a, to: b } = state.measure;
      return Math.hypot(((b[0] ?? 0) - (a[0] ?? 0)) * 1.5, ((b[1] ?? 0) - (a[1] ?? 0)) * 1.5);
    });
    expect(length).toBeCloseTo(20, 0);
  });

  it('leaves nothing in its host when destroyed', async () => {
    await show(adapter);
    await act((viewer) => viewer.destroy());
    expect(await page.evaluate(() => document.getElementById('host')?.childElementCount)).toBe(0);
  });
});

describe('the two adapters', () => {
  it.each(['lps', 'oblique', 'thick'])('show the same picture of the %s grid', async (grid) => {
    const shots: Buffer[] = [];
    for (const adapter of ADAPTERS) {
      await show(adapter, grid);
      shots.push(await page.screenshot());
      if (adapter === 'canvas2d') await page.close();
    }
    const [canvas, niivue] = shots as [Buffer, Buffer];
    expect(meanDifference(canvas, niivue)).toBeLessThan(1.5);
  });
});

describe('the decoder', () => {
  const golden = NIFTI[1] as (typeof NIFTI)[number];

  it('decodes a file in its worker as nibabel reads it, and refuses a changed one', async () => {
    page = await bench.newPage();
    const sha256 = createHash('sha256').update(Buffer.from(golden.gzip, 'base64')).digest('hex');
    const answers = await page.evaluate(
      async ([gzip, digest]) => {
        const { lab } = window as unknown as Tested;
        const decoder = new lab.Decoder();
        const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(gzip), (letter) => letter.charCodeAt(0));
        const volume = await decoder.volume(bytes(), digest);
        const codes = await decoder.codes(bytes());
        const refused: { code: string } = await decoder.volume(bytes(), 'ba7816bf').catch((error) => error);
        decoder.destroy();
        const shared = volume.voxels.buffer === volume.file;
        return { shape: volume.shape, voxels: [...volume.voxels], shared, unpacked: codes.length, code: refused.code };
      },
      [golden.gzip, sha256] as const,
    );
    const expected = { shape: golden.shape, voxels: golden.values, shared: true, unpacked: 352 + 48 };
    expect(answers).toEqual({ ...expected, code: 'digest.mismatch' });
    expect(await page.evaluate(() => (window as unknown as Tested).lab.violations)).toEqual([]);
  });
});

describe('choosing an adapter', () => {
  it('takes the CPU adapter on a software renderer', async () => {
    page = await bench.newPage();
    const chosen = await page.evaluate(async () => {
      const { lab } = window as unknown as Tested;
      const viewer = await lab.createViewer(document.getElementById('host') as HTMLElement);
      return { adapter: viewer.adapter, graphics: lab.probeGraphics() };
    });
    expect(chosen.graphics.renderer).toContain('SwiftShader');
    expect(chosen).toMatchObject({ adapter: 'canvas2d', graphics: { isHardware: false } });
  });

  it('rebuilds itself when the graphics context is lost, and shows the same picture', async () => {
    await show('niivue');
    const before = await page.screenshot();
    const heard = await page.evaluate(
      () =>
        new Promise<string[]>((done) => {
          const { viewer } = window as unknown as Tested;
          const events: string[] = [];
          viewer.on('context', (event) => {
            events.push(event);
            if (event === 'restored') done(events);
          });
          const canvas = document.querySelector('canvas') as HTMLCanvasElement;
          canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
        }),
    );
    await settled();
    expect(heard).toEqual(['lost', 'restored']);
    expect(meanDifference(before, await page.screenshot())).toBeLessThan(0.5);
  });
});

describe('a graphics card that keeps failing', () => {
  it('is left for the CPU adapter, with the same picture', async () => {
    await show('niivue');
    const before = await page.screenshot();
    const adapters = await page.evaluate(async () => {
      const { viewer } = window as unknown as Tested;
      const seen: string[] = [];
      for (let loss = 0; loss < 3; loss += 1) {
        const restored = new Promise<void>((done) => {
          const stop = viewer.on('context', (event) => {
            if (event !== 'restored') return;
            stop();
            done();
          });
        });
        const canvas = document.querySelector('canvas') as HTMLCanvasElement;
        canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
        await restored;
        seen.push(viewer.adapter);
      }
      return seen;
    });
    await settled();
    expect(adapters).toEqual(['niivue', 'niivue', 'canvas2d']);
    expect(meanDifference(before, await page.screenshot())).toBeLessThan(1.5);
  });
});

describe.each(ADAPTERS)('a pool of two %s viewers', (adapter) => {
  it('swaps to a prepared presentation with the right picture and constant textures, 30 times', async () => {
    page = await bench.newPage(SIZE.width, SIZE.height);
    const seen = await page.evaluate(async (chosen) => {
      const { lab } = window as unknown as Tested;
      const host = document.getElementById('host') as HTMLElement;
      const pool = await lab.ViewerPool.create(host, { adapter: chosen });
      let firstPixels = 0;
      let crosshairs = 0;
      pool.on('first-pixels', () => (firstPixels += 1));
      pool.on('crosshair', () => (crosshairs += 1));
      pool.keep('layout', (viewer) => viewer.setPlaneLayout('sagittal'));
      await pool.open('case 0', lab.phantom('ras'));
      const held: number[] = [];
      const refused = pool.swap('case 1');
      for (let round = 1; round <= 30; round += 1) {
        await pool.prepare(`case ${round}`, lab.phantom(round % 2 === 0 ? 'ras' : 'thick'));
        if (!pool.swap(`case ${round}`)) throw new Error('not prepared');
        if (round > 2) held.push(pool.current.counters.textures);
      }
      const heard = crosshairs;
      pool.current.scroll('axial', 1);
      const visible = Array.from(host.children, (child) => getComputedStyle(child).visibility);
      return { refused, held, firstPixels, more: crosshairs - heard, visible, key: pool.currentKey, plane: pool.current.position.slices.axial };
    }, adapter);
    expect(seen).toMatchObject({ refused: false, firstPixels: 1, more: 1, key: 'case 30', plane: 48 });
    expect(new Set(seen.held).size).toBe(1);
    expect([...seen.visible].sort()).toEqual(['hidden', 'visible']);
  });
});
