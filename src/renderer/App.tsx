/** The application: providers, the frame and the screens by address (the part after #). */
import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { Examination } from './examination/Examination.tsx';
import { Frame } from './frame/Frame.tsx';
import { usePreferences } from './preferences.ts';
import { styleNonce } from './prepare.ts';
import { Case } from './screens/case/Case.tsx';
import { Cases } from './screens/cases/Cases.tsx';
import { Log } from './screens/log/Log.tsx';
import { Models } from './screens/models/Models.tsx';
import { Monitor } from './screens/monitor/Monitor.tsx';
import { Queue } from './screens/queue/Queue.tsx';
import { Settings } from './screens/settings/Settings.tsx';
import { Validation } from './screens/validation/Validation.tsx';
import { theme, variables } from './theme/theme.ts';
import { Boundary } from './ui/Boundary.tsx';
import { Empty } from './ui/Empty.tsx';

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
