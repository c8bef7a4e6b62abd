import { useStore } from '../compose/createStore.ts';
import { ModelField } from '../compose/ModelField.tsx';
import { useComposition } from '../compose/useComposition.ts';
import { useOpening } from '../compose/useOpening.ts';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Screen } from '../ui/Panel.tsx';
import { routes } from '../ui/routes.ts';
import { Tabs } from '../ui/Tabs.tsx';
import { AttentionOverTime } from './AttentionOverTime.tsx';
import { BeforeAfter } from './BeforeAfter.tsx';
import { ComparisonActions } from './ComparisonActions.tsx';
import { ComparisonForm } from './ComparisonForm.tsx';
import { openForComparing } from './compareActions.ts';
import { compareStore } from './compareStore.ts';
import { FourWays } from './FourWays.tsx';
import { Votes } from './Votes.tsx';

/** The same seed four ways: with and without anchors, with and without a layout. */
export function CompareScreen() {
  const failure = useOpening(routes.compare, openForComparing);
  const composition = useComposition();
  const { pictures, view, isKept, task } = useStore(compareStore);
  return (
    <Screen
      title="Compare"
      subtitle="One seed, with and without anchors, with and without a layout."
      filled
      actions={
        <>
          <ComparisonActions {...{ pictures, isKept }} />
          <ModelField composition={composition} />
        </>
      }
    >
      <div className="grid h-full grid-cols-[clamp(17rem,24vw,26rem)_minmax(0,1fr)] max-md:flex max-md:flex-col max-md:overflow-y-auto">
        <div className="flex flex-col gap-4 overflow-y-auto pt-1 pr-4 pb-6 pl-8 max-md:shrink-0 max-md:overflow-visible max-md:px-4">
          {failure !== undefined && (
            <ErrorNote title="What was to be opened is not there" cause={failure} />
          )}
          <ComparisonForm composition={composition} />
        </div>
        <section
          aria-label="Comparison"
          className="overflow-y-auto pt-1 pr-8 pb-8 pl-2 max-md:shrink-0 max-md:overflow-visible max-md:px-4"
        >
          <Tabs
            label="Ways to look at it"
            value={view}
            onChange={(next) => compareStore.set({ view: next })}
            tabs={[
              {
                value: 'grid',
                label: 'Side by side',
                content: <FourWays {...{ pictures, task }} />,
              },
              { value: 'slider', label: 'Before and after', content: <BeforeAfter /> },
              {
                value: 'attention',
                label: 'Attention over time',
                content: <AttentionOverTime pictures={pictures} />,
              },
              { value: 'votes', label: 'Blind votes', content: <Votes /> },
            ]}
          />
        </section>
      </div>
    </Screen>
  );
}
