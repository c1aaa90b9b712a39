import type { BoardColumn } from '../../../shared/contracts/board.ts';
import { addMoney } from '../../../shared/lib/money.ts';
import { moneyText } from '../invoices/money-text.ts';
import classes from './board.module.css';

type Sums = BoardColumn['sums'];

/** As many currencies as a head has room for; the others are in its title. */
const SHOWN = 2;

/** What of a column's amount is likely, and the amount, of each currency. */
export function ColumnSums({ sums, isClosed }: { sums: Sums; isClosed: boolean }) {
  if (sums.length === 0) return null;
  const words = sums.map((sum) => sumWords(sum, isClosed));
  return (
    <div className={classes.sums} title={words.length > SHOWN ? words.join('\n') : undefined}>
      {sums.slice(0, SHOWN).map(({ currency, amount, likely }) => (
        <div key={currency}>
          {isClosed ? (
            <b>{moneyText(amount, currency)}</b>
          ) : (
            <>
              Likely <b>{moneyText(likely, currency)}</b> of {moneyText(amount, currency)}
            </>
          )}
        </div>
      ))}
      {sums.length > SHOWN ? <div>and {sums.length - SHOWN} more currencies</div> : null}
    </div>
  );
}

/** The same as a sentence. */
export function sumWords({ currency, amount, likely }: Sums[number], isClosed: boolean): string {
  return isClosed ? moneyText(amount, currency) : `Likely ${moneyText(likely, currency)} of ${moneyText(amount, currency)}`;
}

/** What all of the columns add up to. */
export function sumsOf(columns: readonly BoardColumn[]): Sums {
  const all = new Map<string, Sums[number]>();
  for (const { currency, amount, likely } of columns.flatMap(({ sums }) => sums)) {
    const sum = all.get(currency);
    all.set(
      currency,
      sum === undefined
        ? { currency, amount, likely }
        : { currency, amount: addMoney([sum.amount, amount]), likely: addMoney([sum.likely, likely]) },
    );
  }
  return [...all.values()];
}
