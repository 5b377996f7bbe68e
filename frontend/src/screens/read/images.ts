/** Puts a prepared presentation on screen: by a swap where it waits in the hidden viewer, else by opening it. */
import type { ViewerPool } from '../../viewer/pool';
import type { Compare } from './compare';
import type { Images } from './parts';
import type { Prepared } from './prepare';

export function imagesOf(pool: ViewerPool, compare: Compare, version: string): Images {
  const key = ({ presentation }: Prepared): string => presentation.token;
  return {
    async show(prepared) {
      if (pool.currentKey !== key(prepared) && !pool.swap(key(prepared)))
        await pool.open(key(prepared), prepared.images);
      compare.begin(
        prepared.presentation.slots,
        prepared.images.sequences.map((sequence) => sequence.name),
      );
    },
    ready: (prepared) => pool.prepare(key(prepared), prepared.images),
    where: () => compare.where(),
    goTo: (place) => compare.goTo(place),
    display: () => ({
      renderer: pool.current.renderer,
      adapter: pool.current.adapter,
      screen: [screen.width, screen.height],
      pixel_ratio: devicePixelRatio,
      viewer_version: version,
    }),
  };
}
