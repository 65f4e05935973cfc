import './prepare.ts';
import '@mantine/core/styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { createQueries } from './data/api.ts';
import { startLanguages } from './i18n/i18n.ts';
import { usePreferences } from './preferences.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
startLanguages(usePreferences.getState().language);
createRoot(root).render(
  <StrictMode>
    <App queries={createQueries()} />
  </StrictMode>,
);
