import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { routes } from '../ui/routes.ts';
import { addressOfFilter, filterFromAddress, type GalleryFilter } from './galleryFilter.ts';

/** The filter that stands in the address, and a way to change it. */
export function useGalleryFilter(): [GalleryFilter, (change: Partial<GalleryFilter>) => void] {
  const address = useSearch();
  const [, navigate] = useLocation();
  const filter = useMemo(() => filterFromAddress(address), [address]);
  const change = useCallback(
    (changes: Partial<GalleryFilter>) => {
      const query = addressOfFilter({ ...filter, ...changes });
      navigate(query ? `${routes.gallery}?${query}` : routes.gallery, { replace: true });
    },
    [filter, navigate],
  );
  return [filter, change];
}
