import { Screen } from '../ui/Panel.tsx';

export function GalleryScreen() {
  return <Screen title="Gallery">{null}</Screen>;
}
