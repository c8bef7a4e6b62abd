import { Screen } from '../ui/Panel.tsx';

export function NewConceptScreen() {
  return <Screen title="New concept">{null}</Screen>;
}
