import { describe, expect, it } from 'vitest';
import { rasGrid } from '../kernel/orientation';
import { PLANES } from '../kernel/types';
import type { Affine, Vec3 } from '../kernel/types';
import { fromScreen, paneViews, toScreen } from './layout';
import type { Fitted, Rect } from './layout';
import type { PlaneLayout } from './port';
import { FRESH_SLOT, freshState, slotInk } from './state';
import type { DisplayState } from './state';

const SIZE: Rect = { x: 0, y: 0, width: 900, height: 600 };
const thick: Affine = [[0.5, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 1]];

function fitted(shape: Vec3 = [200, 240, 24], first: Vec3 = [0, 0, 0], last?: Vec3): Fitted {
  const grid = rasGrid(shape, thick);
  return { grid, extent: { first, last: last ?? [shape[0] - 1, shape[1] - 1, shape[2] - 1] } };
}

function stateOf(change: Partial<DisplayState> = {}): DisplayState {
  const slots = ['A', 'B', 'C'].map((letter) => ({ letter, colour: [1, 2, 3] as const, lineStyle: 'solid' as const }));
  return { ...freshState({}), cross: [10, 20, 5], slots, slotStates: slots.map(() => FRESH_SLOT), ...change };
}

describe('panes', () => {
  it.each<[PlaneLayout, number]>([['axial', 1], ['three', 3], ['hero', 3]])('of the %s layout fill the host without overlap', (layout, count) => {
    const panes = paneViews(stateOf({ layout }), fitted(), 'axial', SIZE);
    expect(panes).toHaveLength(count);
    const area = panes.reduce((sum, { rect }) => sum + rect.width * rect.height, 0);
    expect(area).toBeGreaterThan(0.98 * SIZE.width * SIZE.height);
    expect(area).toBeLessThanOrEqual(SIZE.width * SIZE.height);
    expect(panes.filter(({ main }) => main)).toHaveLength(1);
  });

  it('show the acquisition plane large in the hero layout', () => {
    const [large] = paneViews(stateOf({ layout: 'hero' }), fitted(), 'coronal', SIZE);
    expect(large).toMatchObject({ plane: 'coronal', main: true, slice: 20 });
  });

  it('show one slot each when synced', () => {
    const panes = paneViews(stateOf({ panes: 'synced' }), fitted(), 'axial', SIZE);
    expect(panes.map(({ slot, plane }) => [slot, plane])).toEqual([[0, 'axial'], [1, 'axial'], [2, 'axial']]);
  });

  it('keep millimetres square on voxels of 0.5 by 5 mm', () => {
    for (const pane of paneViews(stateOf({ layout: 'three' }), fitted(), 'axial', SIZE)) {
      const along = Math.abs(pane.scaleX) / 0.5;
      const up = Math.abs(pane.scaleY) / (pane.plane === 'axial' ? 0.5 : 5);
      expect(along).toBeCloseTo(up, 9);
      expect(along).toBeCloseTo(pane.pxPerMm, 9);
    }
  });

  it('find the voxel again that they put on the screen, zoomed and moved', () => {
    const state = stateOf({ layout: 'three', zoom: 2.5, pan: [4, -7, 11] });
    for (const pane of paneViews(state, fitted(), 'axial', SIZE)) {
      const back = fromScreen(pane, toScreen(pane, state.cross));
      back.forEach((value, axis) => expect(value).toBeCloseTo(state.cross[axis] ?? NaN, 9));
    }
  });

  it('put the patient right on the left, but the face left in sagittal cuts', () => {
    const [axial, , sagittal] = PLANES.map((plane) => paneViews(stateOf({ layout: plane }), fitted(), 'axial', SIZE)[0]);
    if (!axial || !sagittal) throw new Error('no panes');
    expect(toScreen(axial, [150, 0, 0]).x).toBeLessThan(toScreen(axial, [50, 0, 0]).x);
    expect(toScreen(sagittal, [0, 150, 0]).x).toBeLessThan(toScreen(sagittal, [0, 50, 0]).x);
    expect(toScreen(axial, [0, 150, 0]).y).toBeLessThan(toScreen(axial, [0, 50, 0]).y);
  });

  it('fit what the image shows, not its margins', () => {
    const whole = paneViews(stateOf({ layout: 'axial' }), fitted(), 'axial', SIZE)[0];
    const shown = paneViews(stateOf({ layout: 'axial' }), fitted(undefined, [50, 60, 0], [149, 179, 23]), 'axial', SIZE)[0];
    expect((shown?.pxPerMm ?? 0) / (whole?.pxPerMm ?? 1)).toBeCloseTo(2, 9);
  });
});

describe('what is drawn of a slot', () => {
  const both = { outline: 1, fill: 0.15 };
  const nothing = { outline: 0, fill: 0 };

  it('is its outline and 15 % fill, scaled by its opacity', () => {
    const slotStates = [{ ...FRESH_SLOT, opacity: 0.5 }, FRESH_SLOT, FRESH_SLOT];
    expect(slotInk(stateOf(), 1, null)).toEqual(both);
    expect(slotInk(stateOf({ slotStates }), 0, null)).toEqual({ outline: 0.5, fill: 0.075 });
  });

  it('is nothing while hidden, in the disagreement map, or beside a solo', () => {
    for (const change of [{ hidden: true }, { disagreement: true }, { solo: 2 }]) {
      expect(slotInk(stateOf(change), 1, null)).toEqual(nothing);
    }
  });

  it('shows a soloed slot though it is switched off, a synced one only when it is on', () => {
    const slotStates = [FRESH_SLOT, { ...FRESH_SLOT, visible: false }, FRESH_SLOT];
    expect(slotInk(stateOf({ slotStates, solo: 1 }), 1, null)).toEqual(both);
    expect(slotInk(stateOf({ slotStates, solo: 1 }), 1, 1)).toEqual(nothing);
    expect(slotInk(stateOf({ solo: 1 }), 2, 2)).toEqual(both);
  });
});
