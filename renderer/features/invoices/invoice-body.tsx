import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import type { AnyView } from '../../api/records.ts';
import { InvoiceActions } from './invoice-actions.tsx';
import { InvoiceLines } from './invoice-lines.tsx';
import { InvoicePayments } from './invoice-payments.tsx';

/** What an invoice has beside its fields. */
export function InvoiceBody({ record }: { record: AnyView }) {
  const invoice = record as InvoiceView;
  return (
    <>
      <InvoiceActions invoice={invoice} />
      <InvoiceLines invoice={invoice} />
      <InvoicePayments invoice={invoice} />
    </>
  );
}
