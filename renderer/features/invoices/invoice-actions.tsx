import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconCircleX, IconFileDownload, IconMailCheck, IconPrinter, IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import { isIssued } from '../../../shared/nouns/invoice/invoice.ts';
import { invoices, useNumbering } from '../../api/invoices.ts';
import { putIntoLists } from '../../api/list-window.ts';
import { changeSettings, useSettings } from '../../api/live.ts';
import { localDay } from '../../ui/local-day.ts';
import { announce } from '../../ui/announcer.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { showDone, showQuietly } from '../history/undo.tsx';
import classes from './invoice-actions.module.css';
import { moneyText } from './money-text.ts';
import { printPage } from './print-page.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { say } from '../../../shared/words/say.ts';

export function InvoiceActions({ invoice }: { invoice: InvoiceView }) {
  const [isAsking, setIsAsking] = useState(false);
  const [isPrinting, setIsPrinting] = useState(false);
  if (invoice.deletedAt !== null) return null;
  const cancel = async () => {
    const result = await invoices.cancel(invoice.id);
    if (!result.ok) return showProblem(result.error);
    putIntoLists('invoices', result.value.record);
    showDone(
      `Invoice ${invoice.number ?? ''} cancelled. Its number stays taken.`,
      result.value.operationId === null ? [] : [result.value.operationId],
    );
  };
  const markSent = async () => {
    const result = await invoices.markSent(invoice.id, localDay());
    if (!result.ok) return showProblem(result.error);
    putIntoLists('invoices', result.value.record);
    showDone(`Invoice ${invoice.number ?? ''} marked as sent today.`, result.value.operationId === null ? [] : [result.value.operationId]);
  };
  const savePdf = async () => {
    setIsPrinting(true);
    announce('Making the PDF');
    const made = await invoices.pdf(invoice.id);
    setIsPrinting(false);
    if (!made.ok && made.error.code === 'NO_PRINTER') {
      showQuietly(say(made.error));
      return print();
    }
    if (!made.ok) return showProblem(made.error);
    const saved = await invoices.save(made.value.fileId);
    if (!saved.ok) return showProblem(saved.error);
    if (saved.value.saved) showQuietly(`Saved as ${made.value.fileName}.`);
  };
  const print = async () => {
    const page = await invoices.document(invoice.id);
    if (!page.ok) return showProblem(page.error);
    printPage(page.value.html, page.value.fileName);
  };
  return (
    <div className={classes.actions} role="group" aria-label="Invoice">
      {isIssued(invoice) ? null : (
        <Button size="compact-md" leftSection={<IconSend size={15} />} onClick={() => setIsAsking(true)}>
          Issue
        </Button>
      )}
      <Button
        size="compact-md"
        variant="default"
        loading={isPrinting}
        leftSection={<IconFileDownload size={15} />}
        onClick={() => void savePdf()}
      >
        Save as PDF
      </Button>
      <Button size="compact-md" variant="default" leftSection={<IconPrinter size={15} />} onClick={() => void print()}>
        Print
      </Button>
      {isIssued(invoice) && invoice.status !== 'cancelled' && invoice.sentOn === null ? (
        <Button size="compact-md" variant="default" leftSection={<IconMailCheck size={15} />} onClick={() => void markSent()}>
          Mark as sent
        </Button>
      ) : null}
      {isIssued(invoice) && invoice.status !== 'cancelled' ? (
        <Button size="compact-md" variant="default" leftSection={<IconCircleX size={15} />} onClick={() => void cancel()}>
          Cancel invoice
        </Button>
      ) : null}
      {isAsking ? <IssueDialog invoice={invoice} onClose={() => setIsAsking(false)} /> : null}
    </div>
  );
}

/** Issuing cannot be undone, so it asks first and names what is fixed from then on. */
function IssueDialog({ invoice, onClose }: { invoice: InvoiceView; onClose: () => void }) {
  const numbering = useNumbering(`${invoice.id} ${invoice.updatedAt}`).data;
  const [isBusy, setIsBusy] = useState(false);
  const company = useSettings()?.company;
  // Asked for as long as the dialog is open, also when the first try was refused.
  const [isNamed] = useState(company === undefined || company.name.trim() !== '');
  const [seller, setSeller] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const issue = async () => {
    if (!isNamed && seller.trim() === '') return setProblem('Write who sends this invoice. The name stands at its top.');
    setIsBusy(true);
    if (!isNamed && company !== undefined) {
      const named = await changeSettings({
        company: { ...company, name: seller.trim() },
      });
      if (!named.ok) {
        setIsBusy(false);
        return setProblem(say(named.error));
      }
    }
    const result = await invoices.issue(invoice.id);
    onClose();
    if (!result.ok) return showProblem(result.error);
    putIntoLists('invoices', result.value.record);
    showDone(`Invoice ${result.value.record.number ?? ''} issued.`, []);
  };
  return (
    <Dialog onClose={onClose} title="Issue this invoice?" size={480}>
      <Stack gap="sm">
        <Text>
          {`It asks ${invoice.clientName ?? 'the client'} for ${moneyText(invoice.total, invoice.currency)} and gets the number ${invoice.number ?? numbering?.next ?? '…'}.`}
        </Text>
        <Text>
          From then on its client, lines and dates stay as they are, and it cannot be deleted or undone. It can be cancelled; the number
          stays taken.
        </Text>
        {isNamed ? null : (
          <TextInput
            label="Your company's name"
            description="It is missing in the settings, and an invoice says who sends it. It is kept there for the next ones."
            maxLength={200}
            value={seller}
            error={problem}
            onChange={(event) => {
              setSeller(event.currentTarget.value);
              setProblem(null);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.nativeEvent.isComposing) void issue();
            }}
            data-autofocus
          />
        )}
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            Keep the draft
          </Button>
          <Button onClick={() => void issue()} loading={isBusy} data-autofocus={isNamed ? true : undefined}>
            Issue
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
