import { Screen } from '../ui/Panel.tsx';

export function CompareScreen() {
  return <Screen title="Compare">{null}</Screen>;
}
