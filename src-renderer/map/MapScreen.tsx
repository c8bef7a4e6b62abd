import { Screen } from '../ui/Panel.tsx';

export function MapScreen() {
  return <Screen title="Embedding map">{null}</Screen>;
}
