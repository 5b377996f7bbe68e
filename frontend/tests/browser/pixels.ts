/** Reads screenshots: a small PNG decoder (8-bit RGB or RGBA, not interlaced, as Chromium writes them). */
import { inflateSync } from 'node:zlib';

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bytes: Uint8Array;
}

function chunks(png: Buffer): { readonly type: string; readonly body: Buffer }[] {
  const found = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    found.push({ type: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return found;
}

function decode(png: Buffer): Picture {
  const parts = chunks(png);
  const header = parts[0]?.body;
  if (!header) throw new Error('not a PNG');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = header[9] === 6 ? 4 : 3;
  const packed = inflateSync(Buffer.concat(parts.filter(({ type }) => type === 'IDAT').map(({ body }) => body)));
  return { width, height, channels, bytes: unfilter(packed, width * channels, height, channels) };
}

function unfilter(packed: Buffer, row: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y += 1) {
    const filter = packed[y * (row + 1)] ?? 0;
    for (let x = 0; x < row; x += 1) {
      const left = x >= channels ? (out[y * row + x - channels] ?? 0) : 0;
      const up = y > 0 ? (out[(y - 1) * row + x] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (out[(y - 1) * row + x - channels] ?? 0) : 0;
      out[y * row + x] = (packed[y * (row + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const [a, b, c] = [left, up, corner].map((near) => Math.abs(left + up - corner - near)) as [number, number, number];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Mean red, green and blue of a region of a screenshot. */
export function meanColour(png: Buffer, region: Region): number[] {
  const { width, channels, bytes } = decode(png);
  const sums = [0, 0, 0];
  let count = 0;
  for (let y = Math.round(region.y); y < Math.round(region.y + region.height); y += 1) {
    for (let x = Math.round(region.x); x < Math.round(region.x + region.width); x += 1, count += 1) {
      for (const c of [0, 1, 2]) sums[c] = (sums[c] ?? 0) + (bytes[(y * width + x) * channels + c] ?? 0);
    }
  }
  return sums.map((sum) => sum / count);
}

/** Mean absolute difference of two screenshots of the same size, in grey levels. */
export function meanDifference(a: Buffer, b: Buffer): number {
  const [one, other] = [decode(a), decode(b)];
  if (one.bytes.length !== other.bytes.length) throw new Error('screenshots of different size');
  return one.bytes.reduce((sum, value, at) => sum + Math.abs(value - (other.bytes[at] ?? 0)), 0) / one.bytes.length;
}
