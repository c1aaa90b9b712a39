import { IconFileInvoice } from '@tabler/icons-react';
import type { InvoiceView } from '../../../shared/contracts/invoice.contract.ts';
import { invoiceStatuses, isIssued } from '../../../shared/entities/invoice.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatDay } from '../../ui/field-text.ts';
import { ToneText } from '../../ui/tone-text.tsx';
import type { NounScreen } from '../records/noun-screen.ts';
import { RecordLink } from '../records/record-link.tsx';
import { InvoiceBody } from './invoice-body.tsx';
import { moneyText } from './money-text.ts';

const inBody = new Set(['number', 'status', 'isOverdue', 'subtotal', 'taxTotal', 'total', 'amountPaid', 'amountDue']);
const onPaper = new Set(['clientId', 'locationId', 'currency', 'issueDate']);

export const invoiceScreen: NounScreen = {
  noun: 'invoices',
  title: 'Invoices',
  icon: <IconFileInvoice size={18} stroke={1.75} />,
  purpose: 'Invoices ask a client for money. A draft can be changed; once issued it has its number, and payments are noted on it.',
  formFields: ['clientId', 'locationId', 'dueDate', 'notes'],
  hasField: (_, path) => !inBody.has(path),
  isFixed: (record, path) => isIssued(record as InvoiceView) && onPaper.has(path),
  Body: InvoiceBody,
  tones: { status: { draft: 'gray', sent: 'blue', paid: 'green', partially_paid: 'amber', overdue: 'red', cancelled: 'gray' } },
  Facts: ({ record }) => {
    const invoice = record as InvoiceView;
    return (
      <>
        <Fact label="Client">
          <RecordLink noun="clients" id={invoice.clientId}>
            {invoice.clientName ?? 'Unnamed client'}
          </RecordLink>
        </Fact>
        {invoice.locationId === null ? null : (
          <Fact label="Location">
            <RecordLink noun="locations" id={invoice.locationId}>
              {invoice.locationName ?? 'Unnamed location'}
            </RecordLink>
          </Fact>
        )}
        <Fact>
          <ToneText tone={invoiceScreen.tones['status']?.[invoice.status] ?? 'gray'}>{invoiceStatuses[invoice.status]}</ToneText>
        </Fact>
        {invoice.dueDate === null ? null : <Fact>due {formatDay(invoice.dueDate)}</Fact>}
        <Fact label="Total">{moneyText(invoice.total, invoice.currency)}</Fact>
      </>
    );
  },
};
