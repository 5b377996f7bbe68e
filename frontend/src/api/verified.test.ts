import { expect, it } from 'vitest';
import { Refused, Unreachable, WrongBytes } from './problem';
import { Transport } from './transport';
import { digestHeader, download } from './verified';

// SHA-256 of "abc" from FIPS 180-4.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const HEADER = 'sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:';

const serving = (response: () => Response): Transport => new Transport('csrf', () => Promise.resolve(response()));
const abc = (header: string | null, text = 'abc'): Transport =>
  serving(() => new Response(text, { headers: header ? { 'Content-Digest': header } : {} }));
const wanted = { url: '/v/', what: 'The image', sha256: ABC };

it('reads the digest header of RFC 9530', () => {
  expect([digestHeader(HEADER), digestHeader('md5=:x:'), digestHeader(null)]).toEqual([ABC, null, null]);
});

it('gives the bytes when both digests agree', async () => {
  expect(new TextDecoder().decode(await download(abc(HEADER), wanted))).toBe('abc');
});

it.each([
  ['changed bytes', abc(HEADER, 'abd')],
  ['a missing header', abc(null)],
])('refuses %s', async (_what, transport) => {
  await expect(download(transport, wanted)).rejects.toBeInstanceOf(WrongBytes);
});

it('refuses bytes that are not those of the presentation', async () => {
  await expect(download(abc(HEADER), { ...wanted, sha256: 'ff' })).rejects.toBeInstanceOf(WrongBytes);
});

it('turns problem+json into its code, fields and waiting time', async () => {
  const problem = { code: 'server.busy', title: 'Busy', detail: 'Try again.', fields: [] };
  const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '7' };
  const transport = serving(() => new Response(JSON.stringify(problem), { status: 503, headers }));
  const error = await transport.json('/x/').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refused);
  expect(error).toMatchObject({ code: 'server.busy', message: 'Try again.', retryAfter: 7, temporary: true });
});

it('calls silence unreachable', async () => {
  const transport = new Transport('csrf', () => Promise.reject(new TypeError('failed to fetch')));
  await expect(transport.json('/x/')).rejects.toBeInstanceOf(Unreachable);
});
