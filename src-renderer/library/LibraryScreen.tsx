import { Screen } from '../ui/Panel.tsx';

export function LibraryScreen() {
  return <Screen title="Library">{null}</Screen>;
}
