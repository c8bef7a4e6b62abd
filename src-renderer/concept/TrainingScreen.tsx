import { Screen } from '../ui/Panel.tsx';

export function TrainingScreen({ jobId }: { jobId: string }) {
  return <Screen title={jobId}>{null}</Screen>;
}
