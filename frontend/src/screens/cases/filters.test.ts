import { describe, expect, it } from 'vitest';
import { csvOf } from './csv';
import { fits } from './filters';

const ROW = { text: 'GLI-001 S-1 Site A internal test', site: 'Site A', role: 'internal_test', quality: 'undecided', missing: true, warned: false };
const ANY = { text: '', site: '', role: '', quality: '', missing: false, warned: false };

describe('a row of the table of cases', () => {
  it.each([
    ['no wish', {}, true],
    ['words in any order', { text: 'site gli-001' }, true],
    ['a word that is not there', { text: 'gli-002' }, false],
    ['its site', { site: 'Site A' }, true],
    ['another site', { site: 'Site B' }, false],
    ['a missing source', { missing: true }, true],
    ['a warning that it lacks', { warned: true }, false],
    ['its verdict', { quality: 'undecided' }, true],
    ['another verdict', { quality: 'included' }, false],
  ])('with %s', (_what, wish, shown) => {
    expect(fits(ROW, { ...ANY, ...wish })).toBe(shown);
  });
});

describe('the CSV of what is shown', () => {
  it('quotes what needs it and disarms formulas, but no negative number', () => {
    expect(csvOf([['case', 'note'], ['=1+1', 'a, "b"'], ['-3.5', '@x']])).toBe(
      '\ufeffcase,note\r\n\'=1+1,"a, ""b"""\r\n-3.5,\'@x\r\n',
    );
  });
});
