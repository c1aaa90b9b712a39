import { Text } from '@mantine/core';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import { isIssued } from '../../../shared/nouns/invoice/invoice.ts';
import { addMoney, roundMoney } from '../../../shared/lib/money.ts';
import { moneyText } from './money-text.ts';

/** What these invoices ask for and what of it is due, one sum for each currency. Drafts and cancelled ones ask for nothing. */
export function InvoiceSums({ rows }: { rows: readonly InvoiceView[] }) {
  const asked = rows.filter((invoice) => isIssued(invoice) && invoice.status !== 'cancelled');
  const currencies = [...new Set(asked.map(({ currency }) => currency))].toSorted();
  if (currencies.length === 0) return null;
  return (
    <Text size="sm" c="dimmed" m="xs" component="div">
      {currencies.map((currency) => {
        const own = asked.filter((invoice) => invoice.currency === currency);
        const sum = (amounts: string[]) => moneyText(roundMoney(addMoney(amounts), currency), currency);
        return (
          <div key={currency}>{`${sum(own.map(({ total }) => total))} invoiced, ${sum(own.map(({ amountDue }) => amountDue))} due`}</div>
        );
      })}
    </Text>
  );
}
