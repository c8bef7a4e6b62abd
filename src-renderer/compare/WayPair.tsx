import { type ComparisonWay, comparisonWays } from '../../src-shared/composition.ts';
import { SelectField } from '../ui/SelectField.tsx';
import { compareStore } from './compareStore.ts';
import { wayMeanings, wayNames } from './ways.ts';

interface WayPairProps {
  first: ComparisonWay;
  second: ComparisonWay;
  labels: readonly [string, string];
}

/** Two different ways; choosing the other one's swaps them. */
export function WayPair({ first, second, labels }: WayPairProps) {
  const options = comparisonWays.map((value) => ({
    value,
    label: wayNames[value],
    detail: wayMeanings[value],
  }));
  return (
    <div className="flex flex-wrap gap-3">
      <SelectField
        label={labels[0]}
        value={first}
        options={options}
        className="w-52"
        onChange={(next) =>
          compareStore.set({ first: next, second: next === second ? first : second })
        }
      />
      <SelectField
        label={labels[1]}
        value={second}
        options={options}
        className="w-52"
        onChange={(next) =>
          compareStore.set({ second: next, first: next === first ? second : first })
        }
      />
    </div>
  );
}
