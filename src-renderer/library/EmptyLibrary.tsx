import { GraduationCap, ImagePlus } from 'lucide-react';
import { Link } from 'wouter';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { useTour } from '../tour/tourState.ts';
import { Button, buttonClasses } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Picture } from '../ui/Picture.tsx';
import { linkTo, routes } from '../ui/routes.ts';

type Sample = StudioOutput<'listSamples'>['samples'][number];

/** A library without concepts: how to begin, and things to try. */
export function EmptyLibrary() {
  const tour = useTour();
  const tourDone = useStudioQuery('getSettings', {}).data?.tourDone ?? false;
  return (
    <div className="h-full overflow-y-auto px-8 pb-10 max-sm:px-4">
      <EmptyState
        icon={<ImagePlus size={26} strokeWidth={1.75} aria-hidden="true" />}
        title="Teach Tessera something of yours"
        actions={
          <>
            <Button
              look={tourDone ? 'secondary' : 'primary'}
              icon={<GraduationCap size={16} aria-hidden="true" />}
              onClick={tour.start}
            >
              Take the three-minute tour
            </Button>
            <Link
              href={routes.newConcept}
              className={buttonClasses(tourDone ? 'primary' : 'secondary')}
            >
              Choose photos
            </Link>
          </>
        }
      >
        Drop 3 to 8 photos of one thing anywhere in this window: a pet, a toy, a teapot. Tessera
        learns a word for it that you can use in prompts. Everything stays on this machine.
      </EmptyState>
      <Samples />
    </div>
  );
}

/** Hold the places of the samples that come with the program. */
const blanks = Array.from({ length: 10 }, (_, at) => `blank-${at}`);

function Samples() {
  const { data, error } = useStudioQuery('listSamples', {});
  return (
    <section aria-labelledby="samples" className="mx-auto max-w-5xl">
      <h2 id="samples" className="mb-3 text-base font-semibold">
        Or begin with a sample
      </h2>
      {error && <ErrorNote title="The samples could not be read" cause={error} />}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(11rem,40%),1fr))] gap-4">
        {data
          ? data.samples.map((sample) => <SampleCard key={sample.name} sample={sample} />)
          : !error && blanks.map((key) => <Blank key={key} />)}
      </ul>
    </section>
  );
}

function SampleCard({ sample }: { sample: Sample }) {
  const { name, token, classWord, photos } = sample;
  return (
    <li>
      <Link
        href={linkTo.newConcept({ sample: name })}
        className="block overflow-hidden rounded-lg border border-line bg-surface transition-shadow hover:shadow-raised"
      >
        <PhotoRow photos={photos} />
        <span className="flex h-14 flex-col justify-center px-3">
          <span className="truncate font-medium capitalize">{name}</span>
          <span className="truncate text-xs text-muted">
            <span className="font-mono">{token}</span> {classWord}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** Four photos as a square. */
export function PhotoRow({ photos }: { photos: Sample['photos'] }) {
  return (
    <span className="grid grid-cols-2">
      {photos.slice(0, 4).map(({ thumbnail, name }) => (
        <Picture key={name} blob={thumbnail} alt="" />
      ))}
    </span>
  );
}

function Blank() {
  return (
    <li aria-hidden="true" className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="aspect-square bg-sunken" />
      <div className="h-14" />
    </li>
  );
}
