import { Tooltip, VisuallyHidden } from '@mantine/core';
import { IconCalendar, IconCopyCheck, IconDots, IconFileImport, IconRefresh, IconSend, IconSettings, IconSun } from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type NounName, placeNouns } from '../../shared/nouns/nouns.ts';
import { useStatus } from '../api/live.ts';
import { useOutboxState } from '../api/outbox.ts';
import { useCounts } from '../api/records.ts';
import { useDue } from '../api/today.ts';
import { nounScreens } from '../features/records/noun-screens.tsx';
import { actions } from '../features/keys/actions.ts';
import { formatCount } from '../ui/field-text.ts';
import { Shortcut } from '../ui/shortcut.tsx';
import classes from './side-nav.module.css';

const goKeys: Readonly<Partial<Record<NounName, string>>> = {
  clients: actions.goClients.keys[0],
  contacts: actions.goContacts.keys[0],
  locations: actions.goLocations.keys[0],
  itemPrices: actions.goPrices.keys[0],
  opportunities: actions.goOpportunities.keys[0],
  cases: actions.goCases.keys[0],
  tasks: actions.goTasks.keys[0],
  invoices: actions.goInvoices.keys[0],
  directory: actions.goDirectory.keys[0],
  activities: actions.goActivities.keys[0],
};

/** Used now and then: one step away. A noun that is not named here has its place among those of every day. */
const seldomNouns: readonly NounName[] = ['directory', 'activities'];
const seldomPlaces: ReadonlySet<string> = new Set([...seldomNouns, 'import', 'duplicates']);

/** The places of the book. A noun that gets screens appears here by itself; nothing is listed before it is there. */
export function SideNav() {
  const counts = useCounts();
  const outbox = useOutboxState();
  const due = useDue();
  const needsSomeone = (outbox?.failed ?? 0) + (outbox?.unsure ?? 0);
  const server = useStatus()?.server ?? 'none';
  const syncNeeds = server === 'none' ? 0 : server.conflicts + server.refused;
  // Open while one of them is where somebody is; asked for by hand, until it is asked for otherwise.
  const here = useLocation().pathname.split('/')[1] ?? '';
  const [isWanted, setIsWanted] = useState<boolean | null>(null);
  const isMore = isWanted ?? seldomPlaces.has(here);
  const nounPlace = (noun: NounName) => (
    <Place
      key={noun}
      label={nounScreens[noun].title}
      icon={nounScreens[noun].icon}
      keys={goKeys[noun] ?? ''}
      count={counts?.[noun]}
      to={{ to: '/$noun', params: { noun } }}
    />
  );
  return (
    <nav className={classes.nav} aria-label="Main">
      <ul className={classes.places}>
        <Place label="Today" icon={<IconSun size={18} stroke={1.75} />} keys={actions.goToday.keys[0]} count={due} to={{ to: '/today' }} />
        <Place
          label="Calendar"
          icon={<IconCalendar size={18} stroke={1.75} />}
          keys={actions.goCalendar.keys[0]}
          to={{ to: '/calendar' }}
        />
        {placeNouns.filter((noun) => !seldomNouns.includes(noun)).map(nounPlace)}
        <li>
          <Tooltip position="right" label={isMore ? 'Show fewer places' : 'Show all places'}>
            <button type="button" className={classes.place} aria-expanded={isMore} onClick={() => setIsWanted(!isMore)}>
              <span className={classes.icon} aria-hidden>
                <IconDots size={18} stroke={1.75} />
              </span>
              <span className={classes.label}>More places</span>
            </button>
          </Tooltip>
        </li>
        {isMore ? (
          <>
            {placeNouns.filter((noun) => seldomNouns.includes(noun)).map(nounPlace)}
            <Place
              label="Import"
              icon={<IconFileImport size={18} stroke={1.75} />}
              keys={actions.goImport.keys[0]}
              to={{ to: '/import' }}
            />
            <Place
              label="Duplicates"
              icon={<IconCopyCheck size={18} stroke={1.75} />}
              keys={actions.goDuplicates.keys[0]}
              to={{ to: '/duplicates' }}
            />
          </>
        ) : null}
      </ul>
      <ul className={classes.rest}>
        <Place
          label="Outbox"
          icon={<IconSend size={18} stroke={1.75} />}
          keys={actions.goOutbox.keys[0]}
          count={needsSomeone}
          warning={needsSomeone === 0 ? null : `${formatCount(needsSomeone)} not sent or not known to be`}
          to={{ to: '/outbox' }}
        />
        <Place
          label="Sync"
          icon={<IconRefresh size={18} stroke={1.75} />}
          keys={actions.goSync.keys[0]}
          count={syncNeeds}
          warning={syncNeeds === 0 ? null : `${formatCount(syncNeeds)} to look at`}
          to={{ to: '/sync' }}
        />
        <Place
          label="Settings"
          icon={<IconSettings size={18} stroke={1.75} />}
          keys={actions.goSettings.keys[0]}
          to={{ to: '/settings' }}
        />
      </ul>
    </nav>
  );
}

type Target =
  | { to: '/$noun'; params: { noun: NounName } }
  | { to: '/today' }
  | { to: '/calendar' }
  | { to: '/import' }
  | { to: '/outbox' }
  | { to: '/duplicates' }
  | { to: '/sync' }
  | { to: '/settings' };

interface PlaceProps {
  label: string;
  icon: ReactNode;
  keys: string;
  count?: number | undefined;
  /** Why the place needs somebody, said instead of the bare count. */
  warning?: string | null;
  to: Target;
}

function Place({ label, icon, keys, count, warning = null, to }: PlaceProps) {
  return (
    <li>
      <Tooltip
        position="right"
        label={
          <span className={classes.tip}>
            {label} {warning === null ? null : `(${warning})`} <Shortcut keys={keys} />
          </span>
        }
      >
        <Link
          {...to}
          search={{}}
          className={classes.place}
          activeOptions={{ includeSearch: false }}
          activeProps={{ 'data-here': true, 'aria-current': 'page' } as object}
        >
          <span className={classes.icon} data-warning={warning === null ? undefined : true} aria-hidden>
            {icon}
          </span>
          <span className={classes.label}>{label}</span>
          {count === undefined || count === 0 ? null : (
            <span className={classes.count} data-warning={warning === null ? undefined : true}>
              {warning === null ? (
                formatCount(count)
              ) : (
                <>
                  <span aria-hidden>{formatCount(count)}</span>
                  <VisuallyHidden>{warning}</VisuallyHidden>
                </>
              )}
            </span>
          )}
        </Link>
      </Tooltip>
    </li>
  );
}
