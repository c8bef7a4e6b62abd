import { Screen } from '../ui/Panel.tsx';

export function SettingsScreen() {
  return <Screen title="Settings">{null}</Screen>;
}
