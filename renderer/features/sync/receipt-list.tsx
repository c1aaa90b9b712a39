import type { ReceiptView } from '../../../shared/sync/sync-view.ts';
import { formatInstant, formatTime } from '../../ui/field-text.ts';
import { ToneText } from '../../ui/tone-text.tsx';
import { hostOf, many, receiptText } from './sync-words.ts';
import classes from './sync.module.css';

/** What the last syncs did, one a line; with the server's name where there are several. */
export function ReceiptList({ receipts, isNamed }: { receipts: readonly ReceiptView[]; isNamed: boolean }) {
  return (
    <ul>
      {receipts.map((receipt) => (
        <li key={receipt.id} className={classes.receipt}>
          <time dateTime={receipt.at} title={formatInstant(receipt.at)} className={classes.strong}>
            {isToday(receipt.at) ? formatTime(receipt.at) : formatInstant(receipt.at)}
          </time>
          <span className={classes.cut}>
            {isNamed ? <span className={classes.dim}>{hostOf(receipt.url)} </span> : null}
            {receiptText(receipt)}
          </span>
          <ReceiptMark receipt={receipt} />
        </li>
      ))}
    </ul>
  );
}

/** What somebody had to look at. */
export function ReceiptMark({ receipt: { state, conflicts, refused } }: { receipt: ReceiptView }) {
  const words =
    state === 'failed'
      ? 'failed'
      : refused > 0
        ? many(refused, 'refused', 'refused')
        : conflicts > 0
          ? many(conflicts, 'conflict', 'conflicts')
          : null;
  return words === null ? <span /> : <ToneText tone="red">{words}</ToneText>;
}

const isToday = (instant: string) => new Date(instant).toDateString() === new Date().toDateString();
