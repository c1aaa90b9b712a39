import { ActionIcon, Text, VisuallyHidden } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { type FocusEvent, Fragment, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import { computeInvoice, type InvoiceLine, isIssued } from '../../../shared/nouns/invoice/invoice.ts';
import { isZero } from '../../../shared/lib/money.ts';
import { invoices } from '../../api/invoices.ts';
import { putIntoLists } from '../../api/list-window.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { formatDecimal, formatRate } from '../../ui/field-text.ts';
import { ValueEditor } from '../../ui/value-editor.tsx';
import { finderFor } from '../records/find-references.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import classes from './invoice-lines.module.css';
import { blankRow, isBlank, type LineRow, lineOf, rowOf } from './line-rows.ts';
import { moneyText } from './money-text.ts';
import { say } from '../../../shared/words/say.ts';
import { words } from '../../../shared/words/words.ts';

/** What the invoice asks for, line by line: to be typed while it is a draft, to be read once it is issued. */
export function InvoiceLines({ invoice }: { invoice: InvoiceView }) {
  const isFixed = isIssued(invoice) || invoice.deletedAt !== null;
  return (
    <section className={classes.lines} aria-label="Lines">
      {isFixed ? <FixedLines invoice={invoice} /> : <DraftLines key={invoice.id} invoice={invoice} />}
    </section>
  );
}

const cells = ['description', 'quantity', 'unitPrice', 'taxPercent'] as const;
const labels = { description: 'Description', quantity: 'Quantity', unitPrice: 'Unit price', taxPercent: 'Tax %' } as const;

function Head({ canDelete }: { canDelete?: boolean }) {
  return (
    <thead>
      <tr>
        {cells.map((cell) => (
          <th key={cell} scope="col">
            {labels[cell]}
          </th>
        ))}
        <th scope="col">Amount</th>
        {canDelete === true ? (
          <th scope="col">
            <VisuallyHidden>Delete</VisuallyHidden>
          </th>
        ) : null}
      </tr>
    </thead>
  );
}

function DraftLines({ invoice }: { invoice: InvoiceView }) {
  const [draft, setDraft] = useState<LineRow[] | null>(null);
  const [problem, setProblem] = useState<{ row: number; cell: string | null; says: string } | null>(null);
  const table = useRef<HTMLTableElement>(null);
  const latest = useRef(draft);
  latest.current = draft;
  const isSaving = useRef(false);
  const rows = draft ?? invoice.lines.map(rowOf);
  const shown = [...rows, blankRow];
  const typedLines = rows.map((row) => {
    const read = lineOf(row.description.trim() === '' ? { ...row, description: '-' } : row);
    return 'line' in read ? read.line : null;
  });
  const totals = computeInvoice({ ...invoice, lines: typedLines.map((line) => line ?? nothing) }, '');

  const write = (at: number, cell: (typeof cells)[number], text: string) => {
    const next = at === rows.length ? [...rows, blankRow] : [...rows];
    next[at] = { ...(next[at] as LineRow), [cell]: text };
    latest.current = next;
    setDraft(next);
    setProblem(null);
  };

  /** Saves the whole list of lines; false where a line cannot be saved yet. What is typed meanwhile is saved after it. */
  const save = async (): Promise<boolean> => {
    const sent = latest.current;
    if (sent === null || isSaving.current) return true;
    const kept = sent.filter((row) => !isBlank(row));
    const read = kept.map(lineOf);
    const wrong = read.findIndex((one) => 'wrong' in one);
    const first = read[wrong];
    if (first !== undefined && 'wrong' in first) {
      setProblem({ row: sent.indexOf(kept[wrong] as LineRow), cell: first.wrong, says: first.says });
      return false;
    }
    isSaving.current = true;
    const result = await invoices.saveLines(
      invoice.id,
      read.flatMap((one) => ('line' in one ? [one.line] : [])),
    );
    isSaving.current = false;
    if (!result.ok) {
      setProblem({ row: -1, cell: null, says: say(result.error) });
      return false;
    }
    putIntoLists('invoices', result.value.record);
    if (result.value.operationId !== null) showDone('Lines saved.', [result.value.operationId]);
    if (latest.current === sent) setDraft(null);
    else void save();
    return true;
  };

  const focusCell = (row: number, cell: string) =>
    table.current?.querySelector<HTMLInputElement>(`[data-row="${row}"][data-cell="${cell}"]`)?.focus();

  const onKeyDown = async (event: KeyboardEvent<HTMLInputElement>, at: number, cell: string) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (await save()) focusCell(at + 1, 'description');
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      focusCell(at + (event.key === 'ArrowDown' ? 1 : -1), cell);
    } else if (event.key === 'Escape' && draft !== null) {
      event.preventDefault();
      event.stopPropagation();
      latest.current = null;
      setDraft(null);
      setProblem(null);
    }
  };

  const onBlur = (event: FocusEvent<HTMLTableRowElement>) => {
    if (!event.currentTarget.contains(event.relatedTarget) && document.hasFocus()) void save();
  };

  const addItem = async (itemPriceId: string) => {
    if (!(await save())) return;
    const result = await invoices.addLine(invoice.id, { itemPriceId, quantity: '1' });
    if (!result.ok) return showProblem(result.error);
    putIntoLists('invoices', result.value.record);
    const line = result.value.record.lines.at(-1);
    showDone(`${line?.description ?? 'A line'} added.`, result.value.operationId === null ? [] : [result.value.operationId]);
    focusCell(result.value.record.lines.length - 1, 'quantity');
  };

  const remove = (at: number) => {
    latest.current = rows.filter((_, other) => other !== at);
    setDraft(latest.current);
    setProblem(null);
    void save();
    focusCell(Math.max(0, at - 1), 'description');
  };

  useTellUnsaved(
    problem === null || draft === null
      ? null
      : `A line of the draft invoice was not saved: “${rows[problem.row]?.description ?? ''}”. ${problem.says}`,
  );

  return (
    <>
      <table ref={table} className={classes.table}>
        <Head canDelete />
        <tbody>
          {shown.map((row, at) => (
            // Rows are told apart by their place, so that the cell that is typed in stays when a new row joins.
            <tr key={at} onBlur={onBlur} data-new={at === rows.length || undefined}>
              {cells.map((cell) => (
                <td key={cell} className={classes.field}>
                  <input
                    className={classes.cell}
                    data-row={at}
                    data-cell={cell}
                    aria-label={`${labels[cell]} of ${at === rows.length ? 'a new line' : `line ${at + 1}`}`}
                    aria-invalid={problem?.row === at && problem.cell === cell ? true : undefined}
                    placeholder={at < rows.length ? undefined : cell === 'description' ? 'Add a line' : undefined}
                    inputMode={cell === 'description' ? 'text' : 'decimal'}
                    autoComplete="off"
                    dir={cell === 'description' ? 'auto' : undefined}
                    maxLength={cell === 'description' ? 1000 : 30}
                    value={row[cell]}
                    onChange={(event) => write(at, cell, event.currentTarget.value)}
                    onKeyDown={(event) => void onKeyDown(event, at, cell)}
                  />
                </td>
              ))}
              <td>{at === rows.length || typedLines[at] === null ? '' : moneyText(totals.lines[at]?.amount ?? '0', invoice.currency)}</td>
              <td>
                {at === rows.length ? null : (
                  <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Delete line ${at + 1}`} onClick={() => remove(at)}>
                    <IconTrash size={14} />
                  </ActionIcon>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={classes.item}>
        <ValueEditor
          key={invoice.lines.length}
          field={itemField}
          label={itemField.label}
          value=""
          onChange={() => undefined}
          onPick={(id) => void addItem(String(id))}
          findOptions={finderFor('invoices', itemField)}
          size="xs"
        />
      </div>
      {problem === null ? null : (
        <Text size="sm" c="var(--fb-danger)" role="alert" className={classes.problem}>
          {problem.says}
        </Text>
      )}
      <Totals invoice={{ ...invoice, ...totals, lines: invoice.lines, lineTotals: totals.lines, status: invoice.status }} />
    </>
  );
}

/** The record was left with a line that could not be saved: what was typed is told, not dropped in silence (invariant 2). */
function useTellUnsaved(what: string | null): void {
  const unsaved = useRef(what);
  unsaved.current = what;
  useEffect(
    () => () => {
      if (unsaved.current !== null) showProblem({ code: 'NOT_SAVED lines', ...words('said.text', { text: unsaved.current }) });
    },
    [],
  );
}

const itemField: FieldInfo = {
  path: 'itemPriceId',
  label: 'Add an item from the price list',
  kind: 'reference',
  of: 'itemPrices',
  group: '',
  width: 200,
};

const nothing: InvoiceLine = { itemPriceId: null, description: '-', quantity: '0', unitPrice: '0', taxRate: '0' };

function FixedLines({ invoice }: { invoice: InvoiceView }) {
  const hasTax = invoice.lines.some(({ taxRate }) => !isZero(taxRate));
  return (
    <>
      <table className={classes.table}>
        <Head />
        <tbody>
          {invoice.lines.map((line, at) => (
            <tr key={at}>
              <td dir="auto" className={classes.text}>
                {line.description}
              </td>
              <td>{formatDecimal(line.quantity)}</td>
              <td>{moneyText(line.unitPrice, invoice.currency)}</td>
              <td>{hasTax ? formatRate(line.taxRate) : ''}</td>
              <td>{moneyText(invoice.lineTotals[at]?.amount ?? '0', invoice.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Totals invoice={invoice} />
    </>
  );
}

function Totals({ invoice }: { invoice: InvoiceView }) {
  const { currency } = invoice;
  const taxes = invoice.taxes.filter(({ rate, base }) => !isZero(rate) || !isZero(base));
  return (
    <dl className={classes.totals} aria-label="Totals">
      <dt>Subtotal</dt>
      <dd>{moneyText(invoice.subtotal, currency)}</dd>
      {taxes.some(({ rate }) => !isZero(rate)) ? (
        taxes.map(({ rate, base, tax }) => (
          <Fragment key={rate}>
            <dt>{`Tax ${formatRate(rate)} of ${moneyText(base, currency)}`}</dt>
            <dd>{moneyText(tax, currency)}</dd>
          </Fragment>
        ))
      ) : (
        <>
          <dt>Tax</dt>
          <dd>{moneyText(invoice.taxTotal, currency)}</dd>
        </>
      )}
      <dt className={classes.sum}>Total</dt>
      <dd className={classes.sum}>{moneyText(invoice.total, currency)}</dd>
      {isIssued(invoice) && invoice.status !== 'cancelled' ? (
        <>
          <dt>Paid</dt>
          <dd>{moneyText(invoice.amountPaid, currency)}</dd>
          <dt className={classes.sum}>Amount due</dt>
          <dd className={classes.sum}>{moneyText(invoice.amountDue, currency)}</dd>
        </>
      ) : null}
    </dl>
  );
}
