/** The application: providers, the frame and the screens by address (the part after #). */
import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { Frame } from './frame/Frame.tsx';
import { usePreferences } from './preferences.ts';
import { styleNonce } from './prepare.ts';
import { Case } from './screens/case/Case.tsx';
import { Cases } from './screens/cases/Cases.tsx';
import { theme, variables } from './theme/theme.ts';
import { Boundary } from './ui/Boundary.tsx';
import { Empty } from './ui/Empty.tsx';
import { Loading } from './ui/Loading.tsx';

// The first screen comes without the charts and viewers of the others.
const Examination = lazy(() =>
  import('./examination/Examination.tsx').then(({ Examination }) => ({ default: Examination })),
);
const Log = lazy(() => import('./screens/log/Log.tsx').then(({ Log }) => ({ default: Log })));
const Models = lazy(() => import('./screens/models/Models.tsx').then(({ Models }) => ({ default: Models })));
const Monitor = lazy(() => import('./screens/monitor/Monitor.tsx').then(({ Monitor }) => ({ default: Monitor })));
const Queue = lazy(() => import('./screens/queue/Queue.tsx').then(({ Queue }) => ({ default: Queue })));
const Settings = lazy(() => import('./screens/settings/Settings.tsx').then(({ Settings }) => ({ default: Settings })));
const Validation = lazy(() =>
  import('./screens/validation/Validation.tsx').then(({ Validation }) => ({ default: Validation })),
);

function NotFound() {
  const { t } = useTranslation('frame');
  return (
    <Empty title={t('notFound')} action={<Link href="/">{t('toCases')}</Link>}>
      {t('notFoundAdvice')}
    </Empty>
  );
}

function Screens() {
  const [location] = useLocation();
  return (
    <Boundary place={location}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/">
            <Cases />
          </Route>
          <Route path="/case/:handle/exhibit/:exhibit">
            {({ handle, exhibit }) => <Examination key={exhibit} caseId={handle} exhibitId={exhibit} />}
          </Route>
          <Route path="/case/:handle">{({ handle }) => <Case key={handle} handle={handle} />}</Route>
          <Route path="/queue">
            <Queue />
          </Route>
          <Route path="/models">
            <Models />
          </Route>
          <Route path="/validation">
            <Validation />
          </Route>
          <Route path="/monitor">
            <Monitor />
          </Route>
          <Route path="/log">
            <Log />
          </Route>
          <Route path="/settings">
            <Settings />
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}

export function App({ queries }: { readonly queries: QueryClient }) {
  const wanted = usePreferences((p) => p.theme);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme={wanted === 'system' ? 'auto' : wanted}
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queries}>
        <Router hook={useHashLocation}>
          <Frame>
            <Screens />
          </Frame>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  );
}
