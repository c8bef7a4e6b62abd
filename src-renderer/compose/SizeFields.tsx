import { RotateCcw } from 'lucide-react';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { IconButton } from '../ui/Button.tsx';
import { NumberField } from '../ui/NumberField.tsx';
import { changeDraft } from './composeStore.ts';
import { type PictureSize, pictureSize, sizeProblem } from './pictureSize.ts';

interface SizeFieldsProps {
  size: PictureSize | undefined;
  model: ModelRecord | undefined;
}

/** Width and height in pixels; the model's own size as long as nothing else is said. */
export function SizeFields({ size, model }: SizeFieldsProps) {
  const current = pictureSize(size, model);
  const step = model?.sizeStep ?? 8;
  const change = (next: Partial<PictureSize>) => changeDraft({ size: { ...current, ...next } });
  const problem = sizeProblem(current, step);
  return (
    <div className="flex items-start gap-2">
      <NumberField
        label="Width"
        unit="px"
        min={step}
        max={4096}
        step={step}
        value={current.width}
        error={problem}
        onChange={(width) => width && change({ width })}
        className="grow basis-0"
      />
      <NumberField
        label="Height"
        unit="px"
        min={step}
        max={4096}
        step={step}
        value={current.height}
        onChange={(height) => height && change({ height })}
        className="grow basis-0"
      />
      <IconButton
        label="The model's own size"
        icon={<RotateCcw size={16} />}
        disabled={size === undefined}
        onClick={() => changeDraft({ size: undefined })}
        className="mt-6"
      />
    </div>
  );
}
