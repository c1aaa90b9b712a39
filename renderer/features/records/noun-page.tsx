import { getRouteApi, useParams } from '@tanstack/react-router';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { useListedRecord, useListWindow } from '../../api/list-window.ts';
import { useCounts, viewTitle } from '../../api/records.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { WelcomeScreen } from '../welcome/welcome-screen.tsx';
import classes from './noun-page.module.css';
import { nounScreens } from './noun-screens.tsx';
import { RecordDetail } from './record-detail.tsx';
import { RecordList } from './record-list.tsx';

const route = getRouteApi('/$noun');

/** A noun's list, with the open record beside it. The list stays where it is while records open and close. */
export function NounPage() {
  const { noun } = route.useParams();
  const search = route.useSearch();
  const { id } = useParams({ strict: false });
  const openId = id ?? null;
  const opened = useListedRecord(noun, openId).data;
  usePageTitle(opened === undefined ? nounScreens[noun].title : viewTitle(noun, opened));
  const counts = useCounts();
  const hasNothing = counts !== undefined && Object.values(counts).every((count) => count === 0);
  if (hasNothing && openId === null && search.show === undefined) return <EmptyBook noun={noun} />;
  return (
    <div className={classes.page} data-open={openId === null ? undefined : true}>
      <div className={classes.list}>
        <RecordList key={noun} noun={noun} search={search} openId={openId} />
      </div>
      {openId === null ? null : (
        <div className={classes.detail}>
          <RecordDetail noun={noun} id={openId} tab={search.tab ?? 'details'} />
        </div>
      )}
    </div>
  );
}

const unfiltered = { filters: [], search: '', parentId: null, sort: [], show: 'live' } as const;

/** A book that never had anything greets; one whose records were all deleted shows its lists, where they can be restored. */
function EmptyBook({ noun }: { noun: NounName }) {
  const search = route.useSearch();
  const clients = useListWindow('clients', { ...unfiltered, filters: [], sort: [] });
  if (clients.total === null) return null;
  return clients.deleted === 0 ? <WelcomeScreen /> : <RecordList key={noun} noun={noun} search={search} openId={null} />;
}
