import './contentNonce.ts';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { rememberComparison } from './compare/rememberComparison.ts';
import { rememberDraft } from './compose/rememberDraft.ts';
import { rememberConceptDraft } from './concept/rememberConceptDraft.ts';
import { onNavigate } from './studioApi.ts';
import { followStudio, queryClient } from './studioQueries.ts';
import { App } from './ui/App.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element "root"');

followStudio(queryClient);
rememberDraft();
rememberComparison();
rememberConceptDraft();
onNavigate((path) => {
  location.hash = path;
});
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
