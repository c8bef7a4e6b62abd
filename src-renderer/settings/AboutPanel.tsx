import { GraduationCap } from 'lucide-react';
import { useStudioQuery } from '../studioQueries.ts';
import { useTour } from '../tour/tourState.ts';
import { Button } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Panel } from '../ui/Panel.tsx';
import { licences } from './licences.ts';

/** What this program is, and the tour once more. */
export function AboutPanel() {
  const { data } = useStudioQuery('about', {});
  const tour = useTour();
  return (
    <Panel
      title="About"
      actions={
        <Button
          size="small"
          icon={<GraduationCap size={15} aria-hidden="true" />}
          onClick={tour.start}
        >
          Take the tour again
        </Button>
      }
    >
      <p>
        Tessera {data?.version}
        <span className="block text-sm text-muted">
          Free software under the MIT licence. It works offline: nothing leaves this machine.
        </span>
      </p>
      <Disclosure className="mt-3" title="Works of others" summary="and their licences">
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(15rem,1fr))] gap-x-8 gap-y-1 text-sm">
          {licences.map(({ name, licence }) => (
            <li key={name} className="flex justify-between gap-3">
              <span className="truncate">{name}</span>
              <span className="shrink-0 text-muted">{licence}</span>
            </li>
          ))}
        </ul>
      </Disclosure>
    </Panel>
  );
}
