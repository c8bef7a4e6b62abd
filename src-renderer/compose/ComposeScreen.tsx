import { Screen } from '../ui/Panel.tsx';

export function ComposeScreen() {
  return <Screen title="Compose">{null}</Screen>;
}
