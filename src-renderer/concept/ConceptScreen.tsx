import { Screen } from '../ui/Panel.tsx';

export function ConceptScreen({ id }: { id: string }) {
  return <Screen title={id}>{null}</Screen>;
}
