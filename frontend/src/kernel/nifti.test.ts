import { describe, expect, it } from 'vitest';
import golden from '../../tests/golden/nifti.json';
import { checkSha256, sha256Hex } from './digest';
import { gunzip } from './gzip';
import { decodeNifti, parseNifti } from './nifti';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64'));
const first = (): Uint8Array<ArrayBuffer> => bytesOf(golden[1]?.gzip ?? '');

describe('NIfTI files', () => {
  it.each(golden)('reads $dtype as nibabel does', async ({ gzip, shape, affine, values }) => {
    const volume = await decodeNifti(bytesOf(gzip));
    expect(volume.shape).toEqual(shape);
    expect(Array.from(volume.voxels, (v) => v * volume.slope + volume.intercept)).toEqual(values);
    volume.affine.flat().forEach((value, at) => expect(value).toBeCloseTo(affine.flat()[at] ?? Number.NaN, 5));
  });

  it('reads an uncompressed file that starts in the middle of a larger buffer', async () => {
    const plain = await gunzip(first());
    const larger = new Uint8Array(plain.length + 3);
    larger.set(plain, 3);
    expect(parseNifti(larger.subarray(3)).voxels).toEqual(parseNifti(plain).voxels);
  });

  const broken: readonly (readonly [string, string, (file: DataView) => void])[] = [
    ['a big-endian file', 'nifti.endian', (file) => file.setInt32(0, 348, false)],
    ['a header and image pair', 'nifti.magic', (file) => file.setUint8(345, 0x69)],
    ['a time series', 'nifti.shape', (file) => [4, 2, 3, 4, 2].forEach((n, at) => file.setInt16(40 + 2 * at, n, true))],
    ['an unknown voxel type', 'nifti.datatype', (file) => file.setInt16(70, 64, true)],
    ['a file cut short', 'nifti.length', (file) => file.setInt16(46, 400, true)],
    ['a file without a place in space', 'nifti.sform', (file) => file.setInt16(254, 0, true)],
  ];

  it.each(broken)('refuses %s with its own code', async (_, code, damage) => {
    const plain = await gunzip(first());
    damage(new DataView(plain.buffer));
    expect(() => parseNifti(plain)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a file too short for a header', () => {
    expect(() => parseNifti(new Uint8Array(20))).toThrow(expect.objectContaining({ code: 'nifti.short' }));
  });

  it('refuses a damaged gzip file', async () => {
    const damaged = first();
    damaged[30] = (damaged[30] ?? 0) ^ 0xff;
    await expect(decodeNifti(damaged)).rejects.toMatchObject({ code: expect.stringMatching(/^gzip\./) });
  });

  it('refuses a gzip file that claims more than it can hold', async () => {
    const boastful = first();
    boastful.set([0xff, 0xff, 0xff, 0x7f], boastful.length - 4);
    await expect(decodeNifti(boastful)).rejects.toMatchObject({ code: 'gzip.length' });
  });
});

describe('digests', () => {
  it('hashes as FIPS 180-4 example one', async () => {
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await sha256Hex(new TextEncoder().encode('abc'))).toBe(digest);
    await expect(checkSha256(new TextEncoder().encode('abc'), digest, 'The image')).resolves.toBeUndefined();
  });

  it('refuses changed bytes and names them', async () => {
    const check = checkSha256(new TextEncoder().encode('abd'), 'ba7816bf', 'The image');
    await expect(check).rejects.toMatchObject({ code: 'digest.mismatch', message: expect.stringContaining('The image') });
  });
});
