/** Several masks in one byte per voxel: code = a + b·base + c·base² …; each digit is one candidate's label, 0 outside. */
import { KernelError } from './errors';

/** How many candidates fit in a byte at this base (base 6: 3; base 2: 8). */
export function slotCapacity(base: number): number {
  if (!Number.isInteger(base) || base < 2 || base > 256) {
    throw new KernelError('packing.base', `The masks are packed with base ${base}; 2 to 256 is possible.`);
  }
  let slots = 0;
  for (let values = base; values <= 256; values *= base) slots += 1;
  return slots;
}

/** Label of one slot (0-based) in a code. */
export function digit(code: number, base: number, slot: number): number {
  return Math.floor(code / base ** slot) % base;
}

/** 256 labels, one per code, for one slot. */
export function digitTable(base: number, slot: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => digit(code, base, slot));
}

/** 256 bit sets, one per code: bit s is set where slot s is not background. */
export function memberTable(base: number, slots: number): Uint8Array {
  const bits = (code: number): number =>
    Array.from({ length: slots }, (_, slot) => (digit(code, base, slot) > 0 ? 1 << slot : 0)).reduce((a, b) => a + b, 0);
  return Uint8Array.from({ length: 256 }, (_, code) => bits(code));
}

/** Number of slots that include the voxel, for each of the 256 codes. */
export function countTable(base: number, slots: number): Uint8Array {
  const ones = (bits: number): number => (bits === 0 ? 0 : (bits & 1) + ones(bits >> 1));
  return memberTable(base, slots).map(ones);
}

/** Throws unless codes fit the grid and the slots fit the base. */
export function checkPacked(codes: Uint8Array, base: number, slots: number, voxels: number): void {
  if (codes.length !== voxels) {
    throw new KernelError('packing.length', `The masks have ${codes.length} voxels, their image ${voxels}; load again.`);
  }
  if (slots > slotCapacity(base)) {
    throw new KernelError('packing.slots', `${slots} candidates do not fit in base ${base}.`);
  }
}

/** One label array per slot. */
export function unpack(codes: Uint8Array, base: number, slots: number): Uint8Array[] {
  return Array.from({ length: slots }, (_, slot) => {
    const table = digitTable(base, slot);
    return codes.map((code) => table[code] ?? 0);
  });
}
