import { getRouteApi, useParams } from '@tanstack/react-router';
import { useListedRecord } from '../../api/list-window.ts';
import { viewTitle } from '../../api/records.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { EmptyBook } from '../welcome/empty-book.tsx';
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
  const page = (
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
  return <EmptyBook isPlace={openId === null && search.show === undefined}>{page}</EmptyBook>;
}
