import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { createHashHistory, createRootRoute, createRoute, createRouter, Link, Navigate, notFound } from '@tanstack/react-router';
import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { CalendarScreen } from '../features/calendar/calendar-screen.tsx';
import { DuplicatesScreen } from '../features/duplicates/duplicates-screen.tsx';
import { mergeSearchSchema, MergeScreen } from '../features/duplicates/merge-screen.tsx';
import { ImportScreen } from '../features/imports/import-screen.tsx';
import { TagsScreen } from '../features/tags/tags-screen.tsx';
import { OutboxScreen } from '../features/mail/outbox-screen.tsx';
import { SetPricesScreen } from '../features/prices/set-prices-screen.tsx';
import { ReportsScreen, reportsSearchSchema } from '../features/reports/reports-screen.tsx';
import { SafetyScreen } from '../features/safety/safety-screen.tsx';
import { TodayScreen } from '../features/today/today-screen.tsx';
import { SettingsScreen } from '../features/settings/settings-screen.tsx';
import { ConnectScreen, connectSearchSchema } from '../features/sync/connect-screen.tsx';
import { ReceiptsScreen } from '../features/sync/receipts-screen.tsx';
import { SyncScreen } from '../features/sync/sync-screen.tsx';
import { listSearchSchema } from '../features/records/list-search.ts';
import { NounPage } from '../features/records/noun-page.tsx';
import { useSettings } from '../api/live.ts';
import { EmptyPlace } from '../ui/empty-place.tsx';
import { BusyScreen } from '../ui/screen.tsx';
import { AppShell } from './app-shell.tsx';
import { BrokenScreen } from './broken-screen.tsx';

const rootRoute = createRootRoute({ component: AppShell, notFoundComponent: NowhereScreen });

const startRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: StartPlace });

const nounRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/$noun',
  params: {
    parse: ({ noun }) => ({ noun: noun as NounName }),
    stringify: ({ noun }) => ({ noun }),
  },
  beforeLoad: ({ params }) => {
    if (!nounNames.includes(params.noun)) throw notFound();
  },
  validateSearch: listSearchSchema,
  component: NounPage,
  notFoundComponent: NowhereScreen,
});

/** The open record is part of its noun's page, which shows it beside the list. */
const recordRoute = createRoute({ getParentRoute: () => nounRoute, path: '/$id' });

// Not fetched apart: a chunk shared with them would run zod before it is told not to try eval.
const importRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/import',
  component: ImportScreen,
});
const duplicatesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/duplicates',
  component: DuplicatesScreen,
});
const mergeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/merge/$of',
  validateSearch: mergeSearchSchema,
  component: MergeScreen,
});
const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: SettingsScreen,
});
const safetyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/backups',
  component: SafetyScreen,
});

const tagsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tags',
  component: TagsScreen,
});

const setPricesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/set-prices',
  component: SetPricesScreen,
});

const outboxRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/outbox',
  component: OutboxScreen,
});

const syncRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sync',
  component: SyncScreen,
});
const connectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connect',
  validateSearch: connectSearchSchema,
  component: ConnectScreen,
});
const receiptsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/receipts',
  component: ReceiptsScreen,
});

const todayRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/today',
  component: TodayScreen,
});

const calendarRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/calendar',
  component: CalendarScreen,
});

const reportsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reports',
  validateSearch: reportsSearchSchema,
  component: ReportsScreen,
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    startRoute,
    nounRoute.addChildren([recordRoute]),
    todayRoute,
    calendarRoute,
    reportsRoute,
    importRoute,
    duplicatesRoute,
    mergeRoute,
    settingsRoute,
    safetyRoute,
    outboxRoute,
    tagsRoute,
    setPricesRoute,
    syncRoute,
    connectRoute,
    receiptsRoute,
  ]),
  // Served from app:// and from a folder of any name: the path belongs to the file, the place to the part after #.
  history: createHashHistory(),
  defaultPreload: false,
  defaultErrorComponent: BrokenScreen,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** Where Fieldbook opens, as the settings say. */
function StartPlace() {
  const first = useSettings()?.firstPlace;
  if (first === undefined) return <BusyScreen />;
  return first === 'today' ? <Navigate to="/today" replace /> : <Navigate to="/$noun" params={{ noun: first }} search={{}} replace />;
}

function NowhereScreen() {
  return (
    <EmptyPlace
      icon={<IconMapQuestion size={24} />}
      title="There is nothing at this address"
      actions={
        <Button component={Link} to="/today">
          Go to Today
        </Button>
      }
    >
      The link may be old, or a letter of it got lost.
    </EmptyPlace>
  );
}
