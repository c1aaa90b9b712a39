import { IconFileInvoice } from '@tabler/icons-react';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import { invoiceStatuses, isIssued } from '../../../shared/nouns/invoice/invoice.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatDay } from '../../ui/field-text.ts';
import { LinkFact } from '../records/link-fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';
import { InvoiceBody } from './invoice-body.tsx';
import { moneyText } from './money-text.ts';

const inBody = new Set(['number', 'status', 'isOverdue', 'subtotal', 'taxTotal', 'total', 'amountPaid', 'amountDue']);
const onPaper = new Set(['clientId', 'locationId', 'currency', 'taxRounding', 'issueDate']);

export const invoiceScreen: NounScreen = {
  noun: 'invoices',
  title: 'Invoices',
  icon: <IconFileInvoice size={18} stroke={1.75} />,
  purpose: 'Invoices ask a client for money. A draft can be changed; once issued it has its number, and payments are noted on it.',
  formFields: ['clientId', 'locationId', 'dueDate', 'notes'],
  hasField: (record, path) => !inBody.has(path) && (path !== 'sentOn' || isIssued(record as InvoiceView)),
  isFixed: (record, path) => isIssued(record as InvoiceView) && onPaper.has(path),
  Body: InvoiceBody,
  tones: {
    status: { draft: 'gray', issued: 'amber', sent: 'blue', paid: 'green', partially_paid: 'amber', overdue: 'red', cancelled: 'gray' },
  },
  Facts: ({ record }) => {
    const invoice = record as InvoiceView;
    return (
      <>
        <LinkFact label="Client" noun="clients" id={invoice.clientId} name={invoice.clientName} />
        <LinkFact label="Location" noun="locations" id={invoice.locationId} name={invoice.locationName} />
        <Fact tone={invoiceScreen.tones['status']?.[invoice.status] ?? 'gray'}>{invoiceStatuses[invoice.status]}</Fact>
        {invoice.sentOn === null ? null : <Fact>sent {formatDay(invoice.sentOn)}</Fact>}
        {invoice.dueDate === null ? null : <Fact>due {formatDay(invoice.dueDate)}</Fact>}
        <Fact label="Total">{moneyText(invoice.total, invoice.currency)}</Fact>
      </>
    );
  },
};
