import { Screen } from '../ui/Panel.tsx';

export function ModelsScreen() {
  return <Screen title="Models">{null}</Screen>;
}
