import './styles.css';
import { useEffect } from 'react';
import { Router } from 'wouter';
import { useStudioQuery } from '../studioQueries.ts';
import { Frame } from './Frame.tsx';
import { useHashPath, useHashSearch } from './hashLocation.ts';
import { ToastProvider } from './Toast.tsx';
import { TooltipProvider } from './Tooltip.tsx';
import { applyTheme, startTheme } from './theme.ts';

startTheme();

/** The whole window. */
export function App() {
  useThemeOfSettings();
  return (
    <Router hook={useHashPath} searchHook={useHashSearch}>
      <TooltipProvider delayDuration={400}>
        <ToastProvider>
          <Frame />
        </ToastProvider>
      </TooltipProvider>
    </Router>
  );
}

function useThemeOfSettings(): void {
  const { data } = useStudioQuery('getSettings', {});
  const theme = data?.theme;
  useEffect(() => {
    if (theme) applyTheme(theme);
  }, [theme]);
}
