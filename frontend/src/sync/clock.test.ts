import { expect, it } from 'vitest';
import { ReadClock } from './clock';
import { ToolLog } from './tools';

const SECOND = 1000;

it('counts a minute after the last input as active, and no more', () => {
  const clock = new ReadClock(0);
  clock.input(30 * SECOND);
  expect(clock.times(200 * SECOND)).toEqual({ active_ms: 90 * SECOND, wall_ms: 200 * SECOND });
});

it('stands still while paused', () => {
  const clock = new ReadClock(0);
  clock.pause(10 * SECOND);
  clock.resume(40 * SECOND);
  expect(clock.times(45 * SECOND)).toEqual({ active_ms: 15 * SECOND, wall_ms: 45 * SECOND });
});

it('stands still while the tab is hidden', () => {
  const clock = new ReadClock(0);
  clock.hide(5 * SECOND);
  clock.show(25 * SECOND);
  expect(clock.times(30 * SECOND).active_ms).toBe(10 * SECOND);
});

it('stays paused when a hidden tab comes back', () => {
  const clock = new ReadClock(0);
  clock.pause(10 * SECOND);
  clock.hide(20 * SECOND);
  clock.show(30 * SECOND);
  expect(clock.times(35 * SECOND).active_ms).toBe(10 * SECOND);
});

it('does not count the sleep before an input that ends it', () => {
  const clock = new ReadClock(0);
  clock.input(300 * SECOND);
  expect(clock.times(310 * SECOND).active_ms).toBe(70 * SECOND);
});

it('goes on from the times of an earlier visit', () => {
  const clock = new ReadClock(1000, { active_ms: 4000, wall_ms: 9000 });
  expect(clock.times(3000)).toEqual({ active_ms: 6000, wall_ms: 11_000 });
});

it('counts each use of a tool once and adds up its time', () => {
  const log = new ToolLog({ solo: { count: 1, ms: 500 } });
  log.start('solo', 0);
  log.start('solo', 100);
  log.stop('solo', 250);
  log.stop('solo', 900);
  log.count('scroll');
  expect(log.totals(1000)).toEqual({ scroll: { count: 1, ms: 0 }, solo: { count: 2, ms: 750 } });
});

it('includes a tool that is still on', () => {
  const log = new ToolLog();
  log.set('swipe', true, 100);
  expect(log.totals(400)).toEqual({ swipe: { count: 1, ms: 300 } });
});
