/** The application: providers, the frame and the screens by address (the part after #). */
import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { Frame } from './frame/Frame.tsx';
import { usePreferences } from './preferences.ts';
import { styleNonce } from './prepare.ts';
import { Models } from './screens/models/Models.tsx';
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
        <Route path="/models">
          <Models />
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
      defaultColorScheme={wanted}
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
