/**
 * The whole story in headless Chromium: a folder is dropped, a study designed and sealed, read by keyboard alone, closed
 * and unblinded by two people, and analysed. A CSP violation, a script error, a 5xx or a serious finding of axe-core
 * fails it.
 */
import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const require = createRequire(new URL('../../frontend/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = require('axe-core');

const { address, password, cases, pictures } = JSON.parse(process.env.STORY);
const FLAGS = [
  '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--no-sandbox', '--disable-quic',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-default-apps',
];
const faults = [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
if (pictures) mkdirSync(pictures, { recursive: true });

function say(text) {
  console.log(text);
}

function expect(truth, sentence) {
  if (!truth) throw new Error(sentence);
}

/** A person's own browser, signed in. */
async function person(name) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => faults.push(`${name}: ${error.message} at ${page.url()}`));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) faults.push(`${name}: ${message.text()} at ${page.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) faults.push(`${name}: ${response.status()} ${response.url()}`);
  });
  await page.goto(`${address}/sign-in/`);
  await page.getByLabel('E-mail').fill(`${name}@story.invalid`);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.includes('sign-in'));
  return page;
}

/** Look at a page with axe-core, and take its picture where asked. */
async function look(page, name) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => (await globalThis.axe.run()).violations);
  for (const violation of found.filter((v) => ['serious', 'critical'].includes(v.impact)))
    faults.push(`${name}: ${violation.help}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`);
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
}

/** Press a button whose form leads to a new page. */
async function send(page, name) {
  await Promise.all([page.waitForEvent('load'), button(page, name).click()]);
}

const button = (page, name) => page.getByRole('button', { name, exact: false });

async function importFolder(page) {
  await page.goto(`${address}/datasets/`);
  await look(page, 'datasets');
  await page.getByRole('link', { name: 'Glioma' }).first().click();
  await page.waitForURL(/\/datasets\/[a-z0-9]{10}\/$/);
  await look(page, 'dataset-empty');
  await page.goto(`${page.url()}import/`);
  await page.locator('input[type=file][webkitdirectory]').first().setInputFiles(cases);
  await page.waitForURL(/\/imports\//, { timeout: 120_000 });
  await page.getByText('expert-1.nii.gz').first().waitFor({ timeout: 60_000 });
  await look(page, 'dry-run');
  expect((await page.getByText('This is a web page', { exact: false }).count()) >= 1, 'the dry run names the file that is a web page');
  const take = page.getByRole('button', { name: /^Import \d+/ });
  await take.click();
  await page.getByText(/5 new cases|stored/i).first().waitFor({ timeout: 120_000 });
  await page.waitForFunction(() => !document.querySelector('[data-poll]'), null, { timeout: 120_000 });
  await look(page, 'imported');
}

async function designStudy(page) {
  await page.goto(`${address}/studies/new/`);
  await look(page, 'study-new');
  await page.getByLabel('Title').fill('Story of a study');
  await page.getByLabel('Glioma').check();
  await send(page, 'Make the draft');
  await page.waitForURL(/\/studies\/[a-z0-9]{10}\//);
  const study = /.*\/studies\/[a-z0-9]{10}\//.exec(page.url())[0];
  await look(page, 'overview-draft');
  await chooseCases(page, study);
  await addPeople(page, study);
  await writeProtocol(page, study);
  return study;
}

async function chooseCases(page, study) {
  await page.goto(`${study}cases/`);
  const places = page.locator('select[name^=place-]');
  const count = await places.count();
  expect(count === 5, `five cases can be chosen, not ${count}`);
  for (let row = 0; row < count; row += 1) await places.nth(row).selectOption(row === 0 ? 'practice' : 'study');
  await look(page, 'study-cases');
  await send(page, 'Save the cases');
}

async function addPeople(page, study) {
  for (const [name, role] of [['coordinator', 'coordinator'], ['analyst', 'analyst']]) {
    await page.goto(`${study}people/`);
    await page.locator('input[name=email]').fill(`${name}@story.invalid`);
    await page.locator('select[name=role]').selectOption(role);
    await send(page, /^Add$/);
  }
  await look(page, 'people');
}

/** Open every section of the protocol for editing. */
async function openSections(page) {
  await page.locator('details.edit').first().waitFor({ state: 'attached' });
  await page.evaluate(() => document.querySelectorAll('details.edit').forEach((section) => (section.open = true)));
}

async function writeProtocol(page, study) {
  await page.goto(`${study}protocol/`);
  await openSections(page);
  const arms = { 'expert-1': 'E1', 'expert-2': 'E2', 'expert-3': 'E3', 'model-transfer-encoder': 'TE', 'model-adult-brats': 'BRATS' };
  for (const [source, code] of Object.entries(arms)) {
    const row = page.locator('tr', { hasText: source }).first();
    await row.locator('input[type=checkbox]').check();
    await row.locator('input[type=text]').fill(code);
  }
  await send(page, 'Save the arms');
  await openSections(page);
  await page.locator('form[action$="readers/new/"] input[name=email]').fill('reader@story.invalid');
  await send(page, 'Add the reader');
  await openSections(page);
  await page.locator('form[action$="readers/R1/"] select').first().selectOption({ label: await page.locator('form[action$="readers/R1/"] option', { hasText: 'E1' }).first().innerText() });
  await send(page, 'Save R1');
  await look(page, 'protocol');
  const pdf = await page.request.get(`${study}protocol.pdf`);
  expect(pdf.ok() && (await pdf.body()).subarray(0, 5).toString() === '%PDF-', 'the protocol prints as PDF');
}

async function seal(page, study) {
  await page.goto(`${study}seal/`);
  await look(page, 'seal');
  await send(page, 'Mark the dry run as passed');
  await page.locator('input[name=title]').fill('Story of a study');
  await send(page, 'Seal the study');
  await page.getByText(/^[0-9a-f]{64}$/).first().waitFor({ timeout: 60_000 });
  await look(page, 'sealed');
}

/** Read everything by keyboard alone; return how many cases were submitted. */
async function readAll(page) {
  await page.goto(`${address}/`);
  await look(page, 'my-work');
  await page.goto(`${new URL(await page.locator('a[href$="/read/"]').first().getAttribute('href'), address)}`);
  await page.locator('dialog[open]').waitFor();
  await look(page, 'read-instructions');
  await page.keyboard.press('Enter');
  for (let read = 0; ; read += 1) {
    expect(read < 10, 'the reading ends');
    if (!(await caseOrEnd(page, read))) {
      await look(page, 'thanks');
      return read;
    }
    if (read === 1) await look(page, 'read');
    await readOne(page);
  }
}

/** Wait for the next case, or for the end: true for a case. */
async function caseOrEnd(page, read) {
  const shown = await page.waitForFunction(
    (before) => {
      const phase = document.querySelector('#read')?.dataset.phase ?? '';
      if (/thank you/i.test(document.querySelector('.cover')?.textContent ?? '') && phase !== 'loading') return 'end';
      const answered = document.querySelectorAll('.card input:checked').length;
      const place = `${document.querySelector('.practice')?.textContent ?? ''} ${document.querySelector('.place')?.textContent ?? ''}`;
      return ['ready', 'answering'].includes(phase) && answered === 0 && place !== before ? place : false;
    },
    readAll.place ?? '',
    { timeout: 90_000 },
  );
  readAll.place = await shown.jsonValue();
  return readAll.place !== 'end';
}

async function readOne(page) {
  const slots = await page.locator('.card[data-slot]').count();
  expect(slots >= 1 && slots <= 3, `a case shows one to three segmentations, not ${slots}`);
  for (let slot = 0; slot < slots; slot += 1) await page.keyboard.press(['8', '6', 't'][slot]);
  await page.keyboard.press('Control+Enter');
  for (let slot = 0; slot < slots; slot += 1) for (const key of ['a', 'a', 'j']) await page.keyboard.press(key);
  await page.keyboard.press('Control+Enter');
}

async function decide(pi, second, study, name, reason) {
  await pi.goto(`${study}decisions/`);
  await pi.locator('form[action$="decisions/new/"] textarea').fill(reason);
  await send(pi, 'Ask for it');
  await second.goto(`${study}decisions/`);
  await look(second, `decisions-${name}`);
  await send(second, /^Confirm/);
}

async function analyse(page, study) {
  await page.goto(`${study}analysis/`);
  await page.locator('svg').first().waitFor();
  await look(page, 'analysis');
  expect((await page.getByText('Kruskal', { exact: false }).count()) > 0, 'the analysis names its tests');
  await page.goto(`${study}export/`);
  await look(page, 'export');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('form[action$="/export/all/"] button').click(),
  ]);
  const bundle = await readFile(await download.path());
  expect(bundle.subarray(0, 2).toString() === 'PK', 'the tables leave as one ZIP');
}

async function main() {
  const pi = await person('pi');
  await importFolder(pi);
  say('imported');
  const study = await designStudy(pi);
  await seal(pi, study);
  say('sealed');
  const reader = await person('reader');
  const read = await readAll(reader);
  expect(read === 5, `five cases are read (one for practice), not ${read}`);
  say('read');
  await pi.goto(`${study}progress/`);
  expect((await pi.getByText('4/4').count()) > 0, 'progress shows four of four');
  await look(pi, 'progress');
  const second = await person('coordinator');
  await decide(pi, second, study, 'close', 'All planned cases are read.');
  await decide(pi, second, study, 'unblind', 'The analysis may begin now.');
  say('unblinded');
  await analyse(await person('analyst'), study);
  for (const page of ['', 'audit/', 'people/', 'cases/', 'protocol/']) {
    await pi.goto(study + page);
    await look(pi, `after-${page.replace('/', '') || 'overview'}`);
  }
  expect(faults.length === 0, `the browser complained:\n${faults.join('\n')}`);
}

try {
  await main();
  say('The story holds.');
} catch (error) {
  console.error(error);
  if (faults.length) console.error(faults.join('\n'));
  process.exitCode = 1;
} finally {
  await browser.close();
}
