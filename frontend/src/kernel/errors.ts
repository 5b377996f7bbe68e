/** A failure that a person can act on: a stable code (`nifti.magic`) and one plain sentence. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  constructor(
    readonly code: string,
    sentence: string,
  ) {
    super(sentence);
  }
}
