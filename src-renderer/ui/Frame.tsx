import { Suspense } from 'react';
import { useLocation } from 'wouter';
import { Tour } from '../tour/Tour.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { DropPhotos } from './DropPhotos.tsx';
import { JobNews } from './JobNews.tsx';
import { JobTray } from './JobTray.tsx';
import { Navigation } from './Navigation.tsx';
import { ScreenBoundary } from './ScreenBoundary.tsx';
import { Screens } from './Screens.tsx';
import { Spinner } from './Spinner.tsx';
import { useKeptFocus } from './useKeptFocus.ts';

/**
 * Navigation at the left, the screen at the right; dropped photos are caught everywhere. Where there is less room the
 * navigation is a column of icons, and on the narrowest windows a row of them at the foot.
 */
export function Frame() {
  const [location] = useLocation();
  useKeptFocus(location);
  return (
    <div className="flex h-full max-sm:flex-col-reverse">
      <button
        type="button"
        onClick={() => document.getElementById('screen')?.focus()}
        className="sr-only z-50 rounded-md bg-accent text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:px-4 focus:py-2"
      >
        Skip to the screen
      </button>
      <aside className="flex w-56 shrink-0 flex-col border-r border-line bg-surface max-xl:w-16 max-sm:w-full max-sm:flex-row max-sm:border-t max-sm:border-r-0">
        <Navigation />
        <JobTray />
      </aside>
      <main id="screen" tabIndex={-1} className="flex min-h-0 min-w-0 grow flex-col outline-none">
        <ConnectionBanner />
        <div className="min-h-0 grow">
          <ScreenBoundary key={location}>
            <Suspense fallback={<Waiting />}>
              <Screens />
            </Suspense>
          </ScreenBoundary>
        </div>
      </main>
      <Tour />
      <DropPhotos />
      <JobNews />
    </div>
  );
}

function Waiting() {
  return (
    <div className="flex h-full items-center justify-center">
      <Spinner label="Opening" />
    </div>
  );
}
