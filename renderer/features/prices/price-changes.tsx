import { VisuallyHidden } from '@mantine/core';
import type { ChangedPrice } from '../../../shared/nouns/location-item-price/location-price.contract.ts';
import { formatDecimal, formatRate } from '../../ui/field-text.ts';
import { RecordLink } from '../records/record-link.tsx';
import classes from './set-prices.module.css';

/** Prices as they are and as they will be. */
export function PriceChanges({ rows }: { rows: readonly ChangedPrice[] }) {
  return (
    <div className={classes.tableBox}>
      <table className={classes.table} aria-label="Prices that change">
        <thead>
          <tr>
            <th scope="col">Location</th>
            <th scope="col">Item</th>
            <th scope="col" className={classes.number}>
              Price
            </th>
            <th scope="col" className={classes.number}>
              Tax
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.locationId} ${row.itemPriceId}`}>
              <th scope="row">
                <RecordLink noun="locations" id={row.locationId}>
                  {row.locationName}
                </RecordLink>
              </th>
              <td>
                {row.itemPriceName} <span className={classes.dim}>{row.itemCode}</span>
              </td>
              <td className={classes.number}>
                <FromTo before={formatDecimal(row.priceBefore)} after={formatDecimal(row.priceAfter)} />
                {row.isOwnAfter ? null : <span className={classes.dim}> default</span>}
              </td>
              <td className={classes.number}>
                <FromTo before={formatRate(row.taxRateBefore)} after={formatRate(row.taxRateAfter)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FromTo({ before, after }: { before: string; after: string }) {
  if (before === after) return <span>{after}</span>;
  return (
    <>
      <s className={classes.before}>
        <VisuallyHidden>from </VisuallyHidden>
        {before}
      </s>{' '}
      <strong>
        <VisuallyHidden>to </VisuallyHidden>
        {after}
      </strong>
    </>
  );
}
