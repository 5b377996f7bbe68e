/** Stands where NiiVue would load a WebAssembly Zarr decoder. Our images are gzip NIfTI; nothing may call this. */
export default class NoCodec {
  static fromConfig(): never {
    throw new Error('viewer.codec: Zarr images are not supported; send gzip NIfTI.');
  }
}
