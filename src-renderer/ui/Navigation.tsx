import {
  Blocks,
  Boxes,
  Columns2,
  Images,
  LibraryBig,
  type LucideIcon,
  Orbit,
  Settings,
} from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { classes } from './classes.ts';
import { routes } from './routes.ts';
import { useMedia } from './useMedia.ts';

interface Place {
  path: string;
  label: string;
  icon: LucideIcon;
  /** Beginnings of other addresses that belong to it. */
  also?: readonly string[];
}

const places: readonly (readonly Place[])[] = [
  [
    { path: routes.library, label: 'Library', icon: LibraryBig, also: ['/concepts', '/trainings'] },
    { path: routes.compose, label: 'Compose', icon: Blocks },
    { path: routes.compare, label: 'Compare', icon: Columns2 },
    { path: routes.gallery, label: 'Gallery', icon: Images },
    { path: routes.map, label: 'Embedding map', icon: Orbit },
  ],
  [
    { path: routes.models, label: 'Models', icon: Boxes },
    { path: routes.settings, label: 'Settings', icon: Settings },
  ],
];

/** The screens of the studio. */
export function Navigation() {
  const [location] = useLocation();
  return (
    <nav
      aria-label="Screens"
      className="flex min-w-0 grow flex-col gap-5 overflow-y-auto px-3 pt-5 pb-3 max-sm:flex-row max-sm:items-center max-sm:justify-between max-sm:gap-1 max-sm:px-2 max-sm:py-1.5"
    >
      <Link
        href={routes.library}
        className="flex items-center gap-2.5 rounded-md px-2.5 py-1 text-lg font-semibold tracking-tight max-xl:justify-center max-xl:px-0 max-sm:hidden"
      >
        <Mark />
        <span className="max-xl:sr-only">Tessera</span>
      </Link>
      {places.map((group) => (
        <ul key={group[0]?.path} className="flex flex-col gap-0.5 max-sm:flex-row">
          {group.map((place) => (
            <li key={place.path}>
              <Entry place={place} current={isAt(location, place)} />
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

function Entry({
  place: { path, label, icon: Icon },
  current,
}: {
  place: Place;
  current: boolean;
}) {
  const isNarrow = useMedia('(width < 80rem)');
  return (
    <Link
      href={path}
      aria-current={current ? 'page' : undefined}
      title={isNarrow ? label : undefined}
      className={classes(
        'flex h-9 items-center gap-3 rounded-md px-2.5 transition-colors max-xl:justify-center max-xl:px-0 max-sm:w-9',
        current
          ? 'bg-accent-soft font-medium text-accent'
          : 'text-muted hover:bg-sunken hover:text-ink',
      )}
    >
      <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
      <span className="max-xl:sr-only">{label}</span>
    </Link>
  );
}

/** Four stones of a mosaic. */
function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
      <rect x="2" y="2" width="9" height="9" rx="2" fill="var(--color-accent)" />
      <path d="M13 4a2 2 0 0 1 2-2h5a2 2 0 0 1 2 2v3l-4 4h-5z" fill="var(--color-second)" />
      <path d="M2 15a2 2 0 0 1 2-2h7v9H7l-5-4z" fill="var(--color-tile-3)" />
      <rect x="13" y="13" width="9" height="9" rx="2" fill="var(--color-tile-5)" />
    </svg>
  );
}

function isAt(location: string, { path, also = [] }: Place): boolean {
  return [path, ...also].some((start) => location.startsWith(start));
}
