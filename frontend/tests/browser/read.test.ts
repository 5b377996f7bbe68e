import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ReadingBench, answerAll, caseShown, checked, press } from '../reading/bench';

let bench: ReadingBench;
beforeAll(async () => {
  bench = await ReadingBench.create();
});
afterEach(() => bench.closeSittings());
afterAll(() => bench.close());

/** Within 20 s: drawing in software on a busy machine takes its time. */
const soon = <T>(look: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(look, { timeout: 20_000 });
const saved = (page: Page): Promise<string> => page.locator('.saved').innerText();
const cover = (page: Page): Promise<string> => page.locator('.cover h2').innerText();
const untilSaved = (page: Page): Promise<unknown> => page.waitForFunction(() => /Saved/.test(document.querySelector('.saved')?.textContent ?? ''));
const ALL = ['A/score=8', 'A/origin=2', 'B/score=5', 'B/origin=4', 'C/score=10', 'C/origin=6'];

describe.each(['canvas2d', 'niivue'])('reading with the keyboard alone (%s)', (adapter) => {
  it('takes three cases to the thanks, each read once and in order', async () => {
    const { server, page, complaints } = await bench.sit({ cases: 2, practice: 1, sequences: ['T2', 'FLAIR'] }, { adapter });
    expect(await page.locator('.practice').innerText()).toMatch(/practice/i);
    for (const [at, number] of [1, 1, 2].entries()) {
      await caseShown(page, number);
      await press(page, 'Shift+2', 'ArrowUp', 'PageDown', 'f', 'd', 'd', 'g', 'g', 'Shift+q', 'Shift+q', 'Shift+1');
      await answerAll(page);
      await press(page, 'Control+Enter');
      await soon(() => server.reads.length).toBe(at + 1);
      if (at < 2) await soon(() => checked(page)).toEqual([]);
    }
    await soon(() => cover(page)).toBe('Thank you. All cases are read.');
    expect(server.reads.map((read) => read.token)).toEqual(server.cases.map((each) => each.token));
    const candidates = { A: { score: 8, origin: 2 }, B: { score: 5, origin: 4 }, C: { score: 10, origin: 6 } };
    expect(server.reads.map(({ answers }) => answers)).toEqual(Array.from({ length: 3 }, () => ({ candidates, case: {} })));
    expect(server.reads[0]?.tool_use).toMatchObject({ solo: { count: 1 }, disagreement: { count: 1 }, largest_slice: { count: 1 } });
    expect(new Set(server.opened)).toEqual(new Set(server.cases.map((each) => each.token)));
    expect(complaints).toEqual([]);
  });
});

describe('answering', () => {
  it('moves on by itself, asks twice for 0, and undoes', async () => {
    const { page } = await bench.sit();
    await press(page, '8', '0');
    expect(await checked(page)).toEqual(['A/score=8']);
    await press(page, '0', 'Control+z', '3');
    expect(await checked(page)).toEqual(['A/score=8', 'B/score=3']);
  });

  it('keeps the second question shut until every candidate is scored, then locks the scores', async () => {
    const { page } = await bench.sit();
    await press(page, '8', 'h', 'Control+Enter');
    expect(await page.locator('.field.faulty').count()).toBe(2);
    await press(page, '7', '6', 'Control+Enter', 'Alt+q', '1', 'Control+z', 'h', 'h', 'h', 'h');
    expect(await checked(page)).toEqual(['A/score=8', 'A/origin=1', 'B/score=7', 'C/score=6']);
  });

  it('gives keys the same meaning wherever the mouse has clicked', async () => {
    const { page } = await bench.sit();
    await page.locator('.card[data-slot=B] .step', { hasText: '9' }).click();
    await page.locator('button', { hasText: 'Overlays' }).click();
    await press(page, 'ArrowUp', '4');
    expect(await checked(page)).toEqual(['B/score=9', 'C/score=4']);
    await page.locator('.card[data-slot=A] textarea').fill('q8p');
    expect(await checked(page)).toEqual(['B/score=9', 'C/score=4']);
  });

  it('closes a case as not assessable with a reason', async () => {
    const { page, server } = await bench.sit();
    await page.getByText('Not assessable…').click();
    await page.getByText('Image quality too poor').click();
    await page.getByText('Close case as not assessable').click();
    await caseShown(page, 2);
    expect(server.reads.map((read) => read.answers)).toEqual([{ not_assessable: { reason: 'artefact', comment: '' } }]);
  });

  it('sends a note to the study team and stays where it was', async () => {
    const { page, server } = await bench.sit();
    await press(page, '8');
    await page.getByText('Report to study team').click();
    await page.getByText('Possible incidental finding').click();
    await page.locator('dialog textarea').fill('arachnoid cyst?');
    await press(page, 'Control+Enter');
    await soon(() => server.notes).toEqual([{ kind: 'incidental_finding', text: 'arachnoid cyst?' }]);
    expect(await checked(page)).toEqual(['A/score=8']);
  });

  it('corrects a slip in the case just submitted and returns', async () => {
    const { page, server } = await bench.sit();
    await answerAll(page);
    await press(page, 'Control+Enter');
    await caseShown(page, 2);
    await press(page, '3');
    await page.getByText('Correct previous').click();
    await soon(() => checked(page)).toEqual(ALL);
    await press(page, 'Alt+q');
    await page.locator('.card[data-slot=A] .scale .step', { hasText: '9' }).click();
    await press(page, 'Control+Enter');
    await soon(() => server.reads.length).toBe(2);
    expect(server.reads[1]).toMatchObject({ correction: true, token: server.cases[0]?.token });
    await soon(() => checked(page)).toEqual(['A/score=3']);
  });
});

describe('nothing is lost', () => {
  it('goes on after a reload in the middle of a case, lock and place in the image included', async () => {
    const { page, server } = await bench.sit();
    await press(page, '8', '5', 't', 'Control+Enter', 'PageUp', 'h');
    await untilSaved(page);
    const slice = (): Promise<string | null> =>
      page.locator('.stage > div:not([inert]) [role=img]').getAttribute('aria-label');
    const before = await slice();
    await page.reload();
    await caseShown(page, 1);
    expect(await checked(page)).toEqual(['A/score=8', 'A/origin=3', 'B/score=5', 'C/score=10']);
    await press(page, 'Alt+q', '1');
    expect(await checked(page)).toContain('A/score=8');
    expect([before, await slice()]).toEqual([expect.stringMatching(/\d/), before]);
    expect(server.reads).toEqual([]);
  });

  it('brings back from this computer what the server never got', async () => {
    const { page, server } = await bench.sit();
    await page.route('**/draft/', (route) => route.abort());
    await press(page, '8', '5');
    await soon(() => saved(page)).toBe('Offline, kept on this computer');
    await page.unroute('**/draft/');
    await page.reload();
    await caseShown(page, 1);
    expect(await checked(page)).toEqual(['A/score=8', 'B/score=5']);
    await soon(() => server.cases[0]?.draft?.revision).toBe(1);
  });

  it('reads on while offline and delivers everything once, in order, when the network is back', async () => {
    const { page, context, server } = await bench.sit({ cases: 4 });
    await page.waitForTimeout(1500);
    await context.setOffline(true);
    for (const number of [1, 2]) {
      await caseShown(page, number);
      await answerAll(page);
      await press(page, 'Control+Enter');
    }
    await caseShown(page, 3);
    expect(await saved(page)).toBe('Offline, kept on this computer · 2 cases to send');
    expect(server.reads).toEqual([]);
    await context.setOffline(false);
    await soon(() => server.reads.map((read) => read.token)).toEqual(
      server.cases.slice(0, 2).map((each) => each.token),
    );
    await answerAll(page);
    await press(page, 'Control+Enter');
    await caseShown(page, 4);
    expect(new Set(server.reads.map((read) => read.key)).size).toBe(3);
  });

  it('waits when the next case is not here, and opens it by itself', async () => {
    const { page, context, server } = await bench.sit({ cases: 3 }, { wait: false });
    await page.route(`**/${server.cases[1]?.token}/**`, (route) => route.abort());
    await page.reload();
    await caseShown(page, 1);
    await answerAll(page);
    await context.setOffline(true);
    await press(page, 'Control+Enter');
    await soon(() => cover(page)).toBe('The server cannot be reached');
    await page.unrouteAll();
    await context.setOffline(false);
    await caseShown(page, 2);
    expect(server.reads.map((read) => read.token)).toEqual([server.cases[0]?.token]);
  });

  it('makes one read of many presses', async () => {
    const { page, server } = await bench.sit({ cases: 2 });
    server.faults.slowReads = 400;
    await answerAll(page);
    await press(page, ...Array.from({ length: 6 }, () => 'Control+Enter'));
    await page.locator('.next').dblclick({ force: true, timeout: 500 }).catch(() => undefined);
    await caseShown(page, 2);
    expect(server.reads.length).toBe(1);
  });

  it('makes one read when the answer of the server was lost', async () => {
    const { page, server } = await bench.sit({ cases: 2 });
    server.faults.loseAnswers = 1;
    await answerAll(page);
    await press(page, 'Control+Enter');
    await caseShown(page, 2);
    await soon(() => saved(page)).not.toContain('to send');
    expect(server.reads.length).toBe(1);
  });

  it('keeps the answers when the session ends, and goes on after signing in again', async () => {
    const { page, server } = await bench.sit({ cases: 2 });
    server.faults.signedOut = true;
    await press(page, '8');
    await soon(() => cover(page)).toBe('You have been signed out');
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await cover(page)).toBe('You have been signed out');
    server.faults.signedOut = false;
    server.csrf = 'renewed';
    await page.getByRole('button', { name: 'Continue' }).click();
    await untilSaved(page);
    await press(page, '5', 't', 'Control+Enter', 'h', 'j', 'a', 'j', 'a', 'Control+Enter');
    await caseShown(page, 2);
    expect(server.reads[0]?.answers).toMatchObject({ candidates: { A: { score: 8 } } });
  });

  it('ends the session in the very moment of submitting without losing or doubling the read', async () => {
    const { page, server } = await bench.sit({ cases: 2 });
    await answerAll(page);
    server.faults.signedOut = true;
    await press(page, 'Control+Enter');
    await soon(() => cover(page)).toBe('You have been signed out');
    server.faults.signedOut = false;
    await page.getByRole('button', { name: 'Continue' }).click();
    await caseShown(page, 2);
    await soon(() => server.reads.length).toBe(1);
    await soon(() => saved(page)).not.toContain('to send');
    expect(server.reads.length).toBe(1);
  });
});

describe('two tabs', () => {
  it('let one write at a time, and take the answers along', async () => {
    const { page, context, address } = await bench.sit();
    await press(page, '8');
    await untilSaved(page);
    const second = await bench.tab(context, address);
    await soon(() => cover(second)).toBe('This study is open in another tab');
    await second.getByRole('button', { name: 'Read here' }).click();
    await caseShown(second, 1);
    expect(await checked(second)).toEqual(['A/score=8']);
    await soon(() => cover(page)).toBe('This study is open in another tab');
    await press(page, '3');
    await press(second, '4');
    expect([await checked(page), await checked(second)]).toEqual([['A/score=8'], ['A/score=8', 'B/score=4']]);
  });

  it('ask which answers count when another computer has saved newer ones', async () => {
    const { page, server } = await bench.sit();
    await press(page, '8');
    await untilSaved(page);
    const [first] = server.cases;
    if (!first?.draft) throw new Error('no draft');
    const answers = { values: { 'A/score': 2 }, opened: false, cursor: null, history: [] };
    const content = { format: 1, answers, times: { active_ms: 1, wall_ms: 1 }, tools: {}, place: null, at: 0 };
    first.draft = { revision: first.draft.revision + 1, content, active_ms: 1 };
    await press(page, '5');
    await soon(() => cover(page)).toBe('There are newer answers to this case');
    await page.getByRole('button', { name: 'Use the newer answers' }).click();
    await soon(() => checked(page)).toEqual(['A/score=2']);
    await press(page, '9');
    expect(await checked(page)).toEqual(['A/score=2', 'B/score=9']);
  });
});

describe('what is shown', () => {
  it('is refused when a byte is wrong, and nothing can be rated until it is right', async () => {
    const { page, server } = await bench.sit({ cases: 2 }, { wait: false });
    const [first] = server.cases;
    if (!first) throw new Error('no case');
    server.faults.damaged.add(first.token);
    await page.reload();
    await soon(() => cover(page)).toBe('This case cannot be shown');
    expect(await page.locator('.cover p').innerText()).toContain('arrived damaged');
    await press(page, '8', '8', '8');
    expect(await checked(page)).toEqual([]);
    server.faults.damaged.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await caseShown(page, 1);
  });

  it('hides the image and stops the clock while paused', async () => {
    const { page, server } = await bench.sit({ cases: 2 });
    await press(page, 'p');
    await page.waitForTimeout(1500);
    await press(page, '8');
    expect(await checked(page)).toEqual([]);
    await press(page, 'p');
    await answerAll(page);
    await press(page, 'Control+Enter');
    await caseShown(page, 2);
    const [read] = server.reads;
    expect((read?.wall_ms ?? 0) - (read?.active_ms ?? 0)).toBeGreaterThan(1400);
  });

  it('says so on the same card when a candidate is empty', async () => {
    const { page } = await bench.sit({ empty: { 0: [1] } });
    expect(await page.locator('.card[data-slot=B]').innerText()).toContain('No segmentation drawn');
    expect(await page.locator('.card[data-slot=B] input[type=radio]').count()).toBe(16);
  });

  it('fits 1366 × 768 without scrolling, every target at least 24 pixels', async () => {
    const { page } = await bench.sit();
    const scrolls = await page.locator('.panel').evaluate((panel) => panel.scrollHeight - panel.clientHeight);
    const small = await page.$$eval('#read :is(button, a, select, textarea, label.step)', (targets) =>
      targets
        .map((target) => target.getBoundingClientRect())
        .filter(({ width, height }) => width > 0 && Math.min(width, height) < 24).length,
    );
    expect([scrolls, small]).toEqual([0, 0]);
  });

  it('does not move when a score is given or the second question opens', async () => {
    const { page } = await bench.sit();
    const tops = (): Promise<number[]> => page.$$eval('.card', (cards) => cards.map((card) => card.getBoundingClientRect().top));
    const before = await tops();
    await press(page, '8', '5', 't', 'Control+Enter', 'h');
    expect(await tops()).toEqual(before);
  });

  it('suggests a break between cases without standing in the way', async () => {
    const { page } = await bench.sit({ breakCases: 1 });
    await answerAll(page);
    await press(page, 'Control+Enter');
    await caseShown(page, 2);
    await soon(() => page.locator('.toast').innerText()).toContain('short break');
    await press(page, '8');
    expect(await checked(page)).toEqual(['A/score=8']);
  });

  it('shows the instructions first, once', async () => {
    const { page } = await bench.sit({ instructions: 'Score first.\n\nThen guess.' }, { wait: false });
    await page.locator('dialog[open]').waitFor();
    await press(page, 'Control+Enter');
    await caseShown(page);
    await page.reload();
    await caseShown(page);
    expect(await page.locator('dialog[open]').count()).toBe(0);
  });
});

describe('accessibility', () => {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

  async function serious(page: Page): Promise<string[]> {
    await page.evaluate(await readFile(axe, 'utf8'));
    return page.evaluate(async () => {
      const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } };
      const { violations } = await axe.run();
      const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      return bad.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
    });
  }

  it('finds nothing serious on the screen, in its dialogs and on its covers', async () => {
    const { page } = await bench.sit({ instructions: 'Read.' }, { wait: false });
    await page.locator('dialog[open]').waitFor();
    const found = [await serious(page)];
    await press(page, 'Control+Enter');
    await caseShown(page);
    found.push(await serious(page));
    await press(page, '8', '5', 't', 'Control+Enter', 'h');
    await page.waitForTimeout(1200);
    found.push(await serious(page));
    await press(page, '?');
    found.push(await serious(page));
    await press(page, 'Escape', 'p');
    found.push(await serious(page));
    expect(found.flat()).toEqual([]);
  });
});

it('ships no word of origin in the reader’s bundle', async () => {
  const files = await readdir(join(bench.folder, 'assets'));
  const own = files.filter((file) => /^(screen|read).*\.(js|css)$/.test(file));
  expect(own.length).toBeGreaterThan(0);
  const texts = await Promise.all(own.map((file) => readFile(join(bench.folder, 'assets', file), 'utf8')));
  const words = /\b(arms?|annotators?|experts?|model_version|reference standard|unblind\w*|prediction|human|AI)\b/g;
  expect(texts.flatMap((text) => text.match(words) ?? [])).toEqual([]);
});
