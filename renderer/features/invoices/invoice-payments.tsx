import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import { type InvoicePayment, isIssued, type PaymentMethod, paymentMethods } from '../../../shared/nouns/invoice/invoice.ts';
import { isZero } from '../../../shared/lib/money.ts';
import { invoices } from '../../api/invoices.ts';
import { putIntoLists } from '../../api/list-window.ts';
import { localDay } from '../../ui/local-day.ts';
import { formatDay, plainDecimal } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import classes from './invoice-payments.module.css';
import { moneyText } from './money-text.ts';
import { say } from '../../../shared/words/say.ts';

/** What was paid, and the place to note what comes in. Cancelled invoices take nothing. */
export function InvoicePayments({ invoice }: { invoice: InvoiceView }) {
  if (!isIssued(invoice) || invoice.deletedAt !== null) return null;
  const takesMore = invoice.status !== 'cancelled' && !isZero(invoice.amountDue);
  if (invoice.payments.length === 0 && !takesMore) return null;
  return (
    <section className={classes.payments} aria-label="Payments">
      <h3 className={classes.heading}>Payments</h3>
      <ul className={classes.list}>
        {invoice.payments.map((payment) => (
          <Payment key={payment.id} invoice={invoice} payment={payment} />
        ))}
      </ul>
      {takesMore ? <NewPayment key={`${invoice.id} ${invoice.payments.length}`} invoice={invoice} /> : null}
    </section>
  );
}

function Payment({ invoice, payment }: { invoice: InvoiceView; payment: InvoicePayment }) {
  const amount = moneyText(payment.amount, invoice.currency);
  const remove = async () => {
    const result = await invoices.removePayment(invoice.id, payment.id);
    if (!result.ok) return showProblem(result.error);
    putIntoLists('invoices', result.value.record);
    showDone(`Payment of ${amount} removed.`, result.value.operationId === null ? [] : [result.value.operationId]);
  };
  return (
    <li className={classes.payment}>
      <span>{formatDay(payment.date)}</span>
      <span className={classes.how}>
        {paymentMethods[payment.method]}
        {payment.reference === null ? '' : ` · ${payment.reference}`}
      </span>
      <span className={classes.amount}>{amount}</span>
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Remove the payment of ${amount}`} onClick={() => void remove()}>
        <IconTrash size={14} />
      </ActionIcon>
    </li>
  );
}

function NewPayment({ invoice }: { invoice: InvoiceView }) {
  const [date, setDate] = useState(localDay());
  const [amount, setAmount] = useState(invoice.amountDue);
  const [method, setMethod] = useState<PaymentMethod>('transfer');
  const [reference, setReference] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const amountField = useRef<HTMLInputElement>(null);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const result = await invoices.addPayment(invoice.id, { date, amount: plainDecimal(amount), method, reference });
    if (!result.ok) {
      setProblem(say(result.error));
      return amountField.current?.focus();
    }
    putIntoLists('invoices', result.value.record);
    showDone(
      `Payment of ${moneyText(plainDecimal(amount), invoice.currency)} added.`,
      result.value.operationId === null ? [] : [result.value.operationId],
    );
  };
  return (
    <form className={classes.form} onSubmit={(event) => void add(event)} aria-label="New payment">
      <TextInput size="xs" type="date" label="Date" value={date} onChange={(event) => setDate(event.currentTarget.value)} />
      <TextInput
        ref={amountField}
        size="xs"
        label={`Amount in ${invoice.currency}`}
        inputMode="decimal"
        value={amount}
        error={problem !== null}
        onChange={(event) => {
          setAmount(event.currentTarget.value);
          setProblem(null);
        }}
      />
      <NativeSelect
        size="xs"
        label="Paid by"
        data={Object.entries(paymentMethods).map(([value, label]) => ({ value, label }))}
        value={method}
        onChange={(event) => setMethod(event.currentTarget.value as PaymentMethod)}
      />
      <TextInput
        size="xs"
        label="Reference"
        maxLength={500}
        value={reference}
        onChange={(event) => setReference(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" leftSection={<IconPlus size={14} />}>
        Add payment
      </Button>
      {problem === null ? null : (
        <p role="alert" className={classes.problem}>
          {problem}
        </p>
      )}
    </form>
  );
}
