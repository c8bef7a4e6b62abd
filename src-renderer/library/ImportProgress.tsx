import { useStore } from '../compose/createStore.ts';
import { formatCount } from '../ui/format.ts';
import { Progress } from '../ui/Progress.tsx';
import { cancelImports, importStore } from './conceptImports.ts';

/** How far the concept files are that come in; nothing where none does. */
export function ImportProgress() {
  const { current, more } = useStore(importStore);
  if (!current) return null;
  const { name, share } = current;
  const isSent = share >= 1;
  const verb = isSent ? 'Reading' : 'Importing';
  return (
    <div className="mx-8 mb-4 shrink-0 rounded-md border border-line bg-surface px-4 pt-2 pb-4">
      <Progress
        label={`${verb} ${name}${more > 0 ? `, ${formatCount(more, 'file')} to come` : ''}`}
        {...(!isSent && { step: Math.round(share * 1000), total: 1000 })}
        onCancel={cancelImports}
      />
    </div>
  );
}
