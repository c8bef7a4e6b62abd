import { useConnectionState } from '../studioQueries.ts';

export function App() {
  return <main>Tessera: {useConnectionState()}</main>;
}
