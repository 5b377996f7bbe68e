/** Compact little-endian byte strings: varints, texts and blocks, and the CRC that guards them. */
import { KernelError } from '../errors';

/** A byte string that grows. */
export class ByteWriter {
  private buffer = new Uint8Array(256);
  private length = 0;

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length] = value;
    this.length += 1;
  }

  /** Whole number from 0 to 2⁵³ − 1, seven bits a byte. */
  varint(value: number): void {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) this.byte((left % 128) + 128);
    this.byte(left);
  }

  uint32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 255);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  block(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  text(text: string): void {
    this.block(new TextEncoder().encode(text));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + more));
    grown.set(this.buffer);
    this.buffer = grown;
  }
}

/** Reads what `ByteWriter` wrote. Throws `bytes.short` where the bytes end too early. */
export class ByteReader {
  private at = 0;
  constructor(private readonly from: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.from.length;
  }

  get position(): number {
    return this.at;
  }

  byte(): number {
    const value = this.from[this.at];
    if (value === undefined) throw short();
    this.at += 1;
    return value;
  }

  varint(): number {
    let [value, scale] = [0, 1];
    for (let next = this.byte(); ; next = this.byte(), scale *= 128) {
      value += (next & 127) * scale;
      if (next < 128) return value;
      if (scale > 2 ** 46) throw short();
    }
  }

  uint32(): number {
    return [0, 8, 16, 24].reduce((sum, shift) => sum + this.byte() * 2 ** shift, 0);
  }

  raw(length: number): Uint8Array<ArrayBuffer> {
    if (this.at + length > this.from.length) throw short();
    this.at += length;
    return new Uint8Array(this.from.subarray(this.at - length, this.at));
  }

  block(): Uint8Array<ArrayBuffer> {
    return this.raw(this.varint());
  }

  text(): string {
    return new TextDecoder().decode(this.block());
  }
}

const short = (): KernelError =>
  new KernelError('bytes.short', 'A stored drawing step ends too early; the steps before it are kept.');

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as in gzip and PNG (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] as number);
  return (crc ^ 0xffffffff) >>> 0;
}
