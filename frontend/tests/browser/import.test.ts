/** A folder with one damaged file, dropped on the page of a dataset: dry run, import, table, case, quality control. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSite } from '../site/site';
import type { Site } from '../site/site';

let site: Site;
let page: Page;

beforeAll(async () => {
  site = await openSite();
  page = await site.newPage();
});
afterAll(() => site.close());

const text = async (): Promise<string> => (await page.locator('main').innerText()).replace(/\s+/g, ' ');

/** Let loose files fall on the page, as another program would drop them. */
async function drop(paths: readonly string[]): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => ({ name: path.split('/').at(-1) ?? '', data: (await readFile(path)).toString('base64') })),
  );
  const transfer = await page.evaluateHandle((given) => {
    const made = new DataTransfer();
    for (const { name, data } of given)
      made.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
    return made;
  }, files);
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}

const opensDryRun = (): Promise<void> => page.waitForURL(/\/imports\/\w+\/$/);

async function seriousProblems(): Promise<string[]> {
  // As the debugger runs it: a script element would rightly be refused by the page's policy.
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe?: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } };
    if (!axe) return ['axe could not be loaded'];
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  });
}

describe('importing a folder', () => {
  it('takes files that fall anywhere on the page to a dry run', async () => {
    await page.goto(`${site.base}/datasets/${site.dataset}/`);
    await drop([join(site.folder, 'GLI-1/T2.nii.gz')]);

    await opensDryRun();
    await page.waitForSelector('.files-table');
    expect(await text()).toContain('Dry run: nothing is stored yet');
  });

  it('sends a chosen folder and names the damaged file before anything is stored', async () => {
    await page.goto(`${site.base}/datasets/${site.dataset}/import/`);
    await page.setInputFiles('[data-folder]', site.folder);

    await opensDryRun();
    await page.waitForSelector('.files-table');
    const shown = await text();
    expect(shown).toContain('Import 5 files');
    expect(await page.locator('tbody tr.refused').innerText()).toMatch(/GLI-2\/segmentations\/model-a\.nii\.gz[^]*ends before/);
    expect(await page.locator('tbody tr').first().getAttribute('class')).toBe('refused');
    expect(await seriousProblems()).toEqual([]);
  });

  it('sends nothing twice when the same folder is chosen again', async () => {
    const sent: string[] = [];
    const listen = (request: { method(): string; url(): string }): void => {
      if (request.method() === 'PATCH') sent.push(request.url());
    };
    page.on('request', listen);
    await page.goto(`${site.base}/datasets/${site.dataset}/import/`);
    await page.setInputFiles('[data-folder]', site.folder);
    await opensDryRun();
    await page.waitForSelector('.files-table');
    page.off('request', listen);

    expect(sent).toEqual([]);
  });

  it('imports the good files and tells which was refused', async () => {
    await page.click('button:has-text("Import 5 files")');
    await page.waitForSelector('h1:has-text("Imported")');

    const figures = (await page.locator('.figures').innerText()).replace(/\s+/g, ' ');
    expect(figures).toBe('new cases 2 new volumes 2 new segmentations 3 refused 1 stored before 0');
  });

  it('shows the cases, filters them as one types, and moves between them by key', async () => {
    await page.click('text=See the cases');
    await page.waitForSelector('.cases-table');
    expect(await page.locator('.cases-table tbody tr').count()).toBe(2);
    expect(await seriousProblems()).toEqual([]);

    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('GLI-2');

    await page.keyboard.press('/');
    await page.keyboard.type('gli-1');
    expect(await page.locator('.cases-table tbody tr:visible').count()).toBe(1);
    expect(await page.locator('[data-shown]').innerText()).toBe('1 of 2 cases');
  });

  it('shows a case with the masks of its sources', async () => {
    await page.click('.cases-table tbody tr:visible th a');
    await page.waitForSelector('[data-case-viewer][data-ready]');

    expect(await page.locator('.viewer-masks').innerText()).toMatch(/1 expert-1[^]*2 model-a/);
    expect(await seriousProblems()).toEqual([]);
  });

  it('decides by key, says what was saved, and takes it back', async () => {
    await page.goto(`${site.base}/datasets/${site.dataset}/quality/`);
    await page.waitForSelector('.quality-images canvas');
    expect(await seriousProblems()).toEqual([]);

    await page.keyboard.press('x');
    await page.keyboard.press('1');
    await page.waitForSelector('text=GLI-1 excluded: motion artefact');
    await page.waitForSelector('h1:has-text("GLI-2")');

    await page.keyboard.press('z');
    await page.waitForSelector('text=GLI-1 undecided');
    await page.keyboard.press('i');
    await page.waitForSelector('text=GLI-1 included');

    await page.goto(`${site.base}/datasets/${site.dataset}/`);
    expect((await page.locator('.flow').innerText()).replace(/\s+/g, ' ')).toContain('assessed 1 of 2 included 1 excluded 0');
  });

  it('never breaks the content security policy', () => {
    expect(site.complaints).toEqual([]);
  });
});
