import { Menu, Tooltip, VisuallyHidden } from '@mantine/core';
import {
  IconCalendar,
  IconChartBar,
  IconCopyCheck,
  IconDots,
  IconFileImport,
  IconPin,
  IconRefresh,
  IconSend,
  IconSettings,
  IconStar,
  IconStarFilled,
  IconSun,
} from '@tabler/icons-react';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { Fragment, type ReactNode, useState } from 'react';
import type { SearchHit } from '../../shared/contracts/search.contract.ts';
import { type NounName, placeNouns } from '../../shared/nouns/nouns.ts';
import { useFavourites } from '../api/favourites.ts';
import { useSettings, useStatus } from '../api/live.ts';
import { useListFields } from '../api/own-fields.ts';
import { useOutboxState } from '../api/outbox.ts';
import { useCounts, useListCount } from '../api/records.ts';
import { useDue } from '../api/today.ts';
import { type ListSearch, requestOf } from '../features/records/list-search.ts';
import { useListState } from '../features/records/list-state.ts';
import { useOpening } from '../features/records/opening-state.ts';
import { type NamedView, searchOfView, viewsOf } from '../features/records/saved-views.ts';
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
const seldomPlaces: ReadonlySet<string> = new Set([...seldomNouns, 'reports', 'import', 'duplicates']);

/** The places of the book. A noun that gets screens appears here by itself; nothing is listed before it is there. */
export function SideNav() {
  const counts = useCounts();
  const outbox = useOutboxState();
  const due = useDue();
  const needsSomeone = (outbox?.failed ?? 0) + (outbox?.unsure ?? 0);
  const server = useStatus()?.server ?? 'none';
  const syncNeeds = server === 'none' ? 0 : server.conflicts + server.refused;
  // Open while one of them is where somebody is; asked for by hand, until it is asked for otherwise.
  const location = useLocation();
  const here = location.pathname.split('/')[1] ?? '';
  const left = useListState((state) => state.left);
  const views = useSettings()?.views;
  const [isWanted, setIsWanted] = useState<boolean | null>(null);
  const isMore = isWanted ?? seldomPlaces.has(here);
  const nounPlace = (noun: NounName) => {
    const pinned = viewsOf(views, noun).filter(({ isPinned }) => isPinned);
    const viewHere = here === noun ? (location.search as ListSearch).view : undefined;
    return (
      <Fragment key={noun}>
        <Place
          label={nounScreens[noun].title}
          icon={nounScreens[noun].icon}
          keys={goKeys[noun] ?? ''}
          count={counts?.[noun]}
          // Back to the list as it was left; once more from the list itself is all of it.
          to={{ to: '/$noun', params: { noun }, search: here === noun ? {} : left[noun] }}
          isElsewhere={pinned.some(({ id }) => id === viewHere)}
        />
        {pinned.map((view) => (
          <PinnedView key={view.id} view={view} isHere={view.id === viewHere} />
        ))}
      </Fragment>
    );
  };
  return (
    <nav className={classes.nav} aria-label="Main">
      <div>
        <ul className={classes.places}>
          <Place
            label="Today"
            icon={<IconSun size={18} stroke={1.75} />}
            keys={actions.goToday.keys[0]}
            count={due}
            to={{ to: '/today' }}
          />
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
                label="Reports"
                icon={<IconChartBar size={18} stroke={1.75} />}
                keys={actions.goReports.keys[0]}
                to={{ to: '/reports' }}
              />
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
        <Favourites hereId={location.pathname.split('/')[2]} />
      </div>
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
  | { to: '/$noun'; params: { noun: NounName }; search: ListSearch }
  | { to: '/today' }
  | { to: '/calendar' }
  | { to: '/reports' }
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
  /** Where somebody is has a place of its own below this one. */
  isElsewhere?: boolean;
}

/** Few enough that every place stays in sight; the others are one step away. */
const FAVOURITES = 8;

/** Records with a star, by name. Where there is no room for names they stand in a menu. */
function Favourites({ hereId }: { hereId: string | undefined }) {
  const all = useFavourites();
  if (all.length === 0) return null;
  const shown = all.slice(0, FAVOURITES);
  return (
    <ul className={classes.places} aria-label="Favourites">
      <li className={classes.heading} aria-hidden>
        Favourites
      </li>
      {shown.map((hit) => (
        <li key={hit.id} className={classes.favourite}>
          <Link
            to="/$noun/$id"
            params={{ noun: hit.collection, id: hit.id }}
            search={{}}
            className={classes.place}
            title={[nounScreens[hit.collection].title, hit.subtitle].filter((part) => part !== '').join(': ')}
            data-pinned
            data-here={hit.id === hereId ? true : undefined}
            onClick={({ detail }) => {
              // Opened by a key: the next one is for the record.
              if (detail === 0) useOpening.getState().wish('heading', hit.id);
            }}
          >
            <span className={classes.icon} data-star aria-hidden>
              <IconStarFilled size={15} />
            </span>
            <span className={classes.label}>{hit.title}</span>
          </Link>
        </li>
      ))}
      <FavouritesMenu all={all} isRest={all.length > shown.length} />
    </ul>
  );
}

function FavouritesMenu({ all, isRest }: { all: readonly SearchHit[]; isRest: boolean }) {
  const navigate = useNavigate();
  return (
    <li className={classes.favouritesMenu} data-rest={isRest || undefined}>
      <Menu position="right-start" withinPortal returnFocus>
        <Menu.Target>
          <button type="button" className={classes.place} aria-label="All favourites" title="All favourites">
            <span className={classes.icon} aria-hidden>
              <IconStar size={18} stroke={1.75} />
            </span>
            <span className={classes.label}>All {formatCount(all.length)} favourites</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown className={classes.favouritesList}>
          {all.map((hit) => (
            <Menu.Item
              key={hit.id}
              leftSection={<IconStarFilled size={15} color="var(--fb-star)" />}
              onClick={() => {
                useOpening.getState().wish('heading', hit.id);
                void navigate({ to: '/$noun/$id', params: { noun: hit.collection, id: hit.id }, search: {} });
              }}
            >
              {hit.title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

/** A saved view, below the place of its noun. What a text finds is not counted: that would be searched for at every change of the book. */
function PinnedView({ view, isHere }: { view: NamedView; isHere: boolean }) {
  const fields = useListFields(view.noun);
  const search = searchOfView(view);
  const count = useListCount(view.noun, view.search === '' ? requestOf(search, [], fields) : null);
  return (
    <li>
      <Tooltip position="right" label={`${view.name} (${nounScreens[view.noun].title})`}>
        <Link
          to="/$noun"
          params={{ noun: view.noun }}
          search={search}
          className={classes.place}
          data-pinned
          data-here={isHere ? true : undefined}
          aria-current={isHere ? 'page' : undefined}
          activeProps={{ 'aria-current': isHere ? 'page' : undefined } as object}
        >
          {/* Where there is no room for names, pins alone could not be told apart: the first letters stand there. */}
          <span className={classes.icon} data-initials={[...view.name].slice(0, 2).join('')} aria-hidden>
            <IconPin size={15} stroke={1.75} />
          </span>
          <span className={classes.label}>{view.name}</span>
          {count === undefined ? null : <span className={classes.count}>{formatCount(count)}</span>}
        </Link>
      </Tooltip>
    </li>
  );
}

function Place({ label, icon, keys, count, warning = null, to, isElsewhere = false }: PlaceProps) {
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
          search={{}}
          {...to}
          className={classes.place}
          activeOptions={isElsewhere ? { exact: true, includeSearch: true } : { includeSearch: false }}
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
