import { Button, Text, TextInput } from '@mantine/core';
import { IconFileTypeCsv, IconReceipt, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReceiptView } from '../../../shared/sync/sync-view.ts';
import { sync, useReceipts } from '../../api/sync.ts';
import { announce } from '../../ui/announcer.tsx';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatInstant } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Screen } from '../../ui/screen.tsx';
import { RecordLink } from '../records/record-link.tsx';
import { ReceiptMark } from './receipt-list.tsx';
import { countsText, hostOf, isNoun, kindText, many, receiptText } from './sync-words.ts';
import classes from './sync.module.css';

const PAGE = 50;
const MOST = 200;

/** What every sync did: found by a record's name, an address or a reason, and taken along as a file. */
export function ReceiptsScreen() {
  usePageTitle('Receipts');
  const [search, setSearch] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const found = useReceipts(search, limit);
  const exportAll = async () => {
    const made = await sync.exportReceipts(search);
    if (!made.ok) return showProblem(made.error);
    const saved = await sync.save(made.value.fileId);
    if (!saved.ok) return showProblem(saved.error);
    if (saved.value.saved) announce(`${many(made.value.rows, 'receipt', 'receipts')} exported`);
  };
  return (
    <Screen title="Receipts" width={980}>
      <div className={classes.tools}>
        <TextInput
          aria-label="Search receipts"
          placeholder="A record, a server, a reason"
          leftSection={<IconSearch size={16} aria-hidden />}
          maxLength={200}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          className={classes.grow}
        />
        <Button
          variant="default"
          leftSection={<IconFileTypeCsv size={18} />}
          onClick={() => void exportAll()}
          disabled={found?.total === 0}
        >
          Export as CSV
        </Button>
      </div>
      <Text size="sm" c="dimmed" role="status" aria-live="polite" mb={6}>
        {found === null ? '' : many(found.total, 'receipt', 'receipts')}
      </Text>
      {found?.total === 0 ? (
        <EmptyPlace icon={<IconReceipt size={24} />} title={search === '' ? 'No sync yet' : 'Nothing is found'}>
          {search === '' ? 'After each sync it stands here what went, what came and what was refused.' : 'Look for another word.'}
        </EmptyPlace>
      ) : null}
      {found === null || found.items.length === 0 ? null : (
        <ul className={classes.framed}>
          {found.items.map((receipt) => (
            <ReceiptRow key={receipt.id} receipt={receipt} />
          ))}
        </ul>
      )}
      {found !== null && found.total > found.items.length ? (
        <Button variant="subtle" mt="sm" disabled={limit >= MOST} onClick={() => setLimit((now) => Math.min(MOST, now + PAGE))}>
          {limit >= MOST ? 'Search to see older ones' : 'Show more'}
        </Button>
      ) : null}
    </Screen>
  );
}

function ReceiptRow({ receipt }: { receipt: ReceiptView }) {
  const { at, kind, url, sent, received, problem, records, compared } = receipt;
  return (
    <li className={classes.receiptRow}>
      <details>
        <summary className={classes.receiptHead}>
          <time dateTime={at} className={classes.strong}>
            {formatInstant(at)}
          </time>
          <span className={classes.cut}>
            <span className={classes.dim}>{hostOf(url)}</span> {receiptText(receipt)}
          </span>
          <ReceiptMark receipt={receipt} />
        </summary>
        <div className={classes.receiptBody}>
          {problem === null ? null : <p>{problem}</p>}
          {compared === null ? null : (
            <p>
              {many(compared.records, 'record was', 'records were')} compared with the server, {formatCount(compared.mended)} differed
              {compared.left === 0 ? '' : `, ${formatCount(compared.left)} were left as they are`}.
            </p>
          )}
          <p>
            {kindText(kind)}. Went: {countsText(sent)}. Came: {countsText(received)}. {many(receipt.waiting, 'change', 'changes')} waited
            afterwards. {many(receipt.requests, 'request', 'requests')}, {formatCount(Math.ceil(receipt.bytes / 1024))} KB.
          </p>
          {receipt.moreRecords === 0 ? null : <p>The first {formatCount(records.length)} are named below.</p>}
          {records.length === 0 ? null : (
            <ul>
              {records.map(({ collection, recordId, title, how, reason }) => (
                <li key={`${how} ${collection}/${recordId} ${title}`}>
                  <span className={classes.dim}>{howWords[how]}</span>{' '}
                  {isNoun(collection) && title !== null && recordId !== null ? (
                    <RecordLink noun={collection} id={recordId}>
                      {title}
                    </RecordLink>
                  ) : (
                    (title ?? 'A record that is gone')
                  )}
                  {reason === null ? null : <span className={classes.dim}> {reason}</span>}
                </li>
              ))}
            </ul>
          )}
        </div>
      </details>
    </li>
  );
}

const howWords: Record<ReceiptView['records'][number]['how'], string> = {
  sent: 'Went:',
  received: 'Came:',
  merged: 'Put together:',
  refused: 'Refused:',
  waits: 'Waits:',
};
