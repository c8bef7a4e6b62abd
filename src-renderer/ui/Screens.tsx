import { type ComponentType, lazy } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { routes } from './routes.ts';

const LibraryScreen = screen(
  async () => (await import('../library/LibraryScreen.tsx')).LibraryScreen,
);
const NewConceptScreen = screen(
  async () => (await import('../concept/NewConceptScreen.tsx')).NewConceptScreen,
);
const ConceptScreen = screen(
  async () => (await import('../concept/ConceptScreen.tsx')).ConceptScreen,
);
const TrainingScreen = screen(
  async () => (await import('../concept/TrainingScreen.tsx')).TrainingScreen,
);
const ComposeScreen = screen(
  async () => (await import('../compose/ComposeScreen.tsx')).ComposeScreen,
);
const CompareScreen = screen(
  async () => (await import('../compare/CompareScreen.tsx')).CompareScreen,
);
const GalleryScreen = screen(
  async () => (await import('../gallery/GalleryScreen.tsx')).GalleryScreen,
);
const MapScreen = screen(async () => (await import('../map/MapScreen.tsx')).MapScreen);
const ModelsScreen = screen(async () => (await import('../models/ModelsScreen.tsx')).ModelsScreen);
const SettingsScreen = screen(
  async () => (await import('../settings/SettingsScreen.tsx')).SettingsScreen,
);

/** The screen of the address. */
export function Screens() {
  return (
    <Switch>
      <Route path={routes.library} component={LibraryScreen} />
      <Route path={routes.newConcept} component={NewConceptScreen} />
      <Route path={routes.concept}>{({ id }) => <ConceptScreen key={id} id={id} />}</Route>
      <Route path={routes.training}>
        {({ jobId }) => <TrainingScreen key={jobId} jobId={jobId} />}
      </Route>
      <Route path={routes.compose} component={ComposeScreen} />
      <Route path={routes.compare} component={CompareScreen} />
      <Route path={routes.gallery} component={GalleryScreen} />
      <Route path={routes.map} component={MapScreen} />
      <Route path={routes.models} component={ModelsScreen} />
      <Route path={routes.settings} component={SettingsScreen} />
      <Route>
        <Redirect to={routes.library} />
      </Route>
    </Switch>
  );
}

/** Each screen is a file of its own that is read when it is first shown. */
function screen<Props>(read: () => Promise<ComponentType<Props>>) {
  return lazy(async () => ({ default: await read() }));
}
