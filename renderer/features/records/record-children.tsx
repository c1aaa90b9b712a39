import { ActionIcon, Button, Loader, Menu, Text } from '@mantine/core';
import { IconDots, IconPlus, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import { invoiceStatuses } from '../../../shared/nouns/invoice/invoice.ts';
import { valueAt } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { putIntoLists } from '../../api/list-window.ts';
import { type AnyView, recordApi, referencesOf, useChildren, viewTitle } from '../../api/records.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { displayText, formatCount, formatDay } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { type ChildTab, formParent } from './child-tabs.ts';
import { InvoiceSums } from '../invoices/invoice-sums.tsx';
import { moneyText } from '../invoices/money-text.ts';
import { useNewRecord } from './new-record-state.ts';
import { nounScreens } from './noun-screens.tsx';
import { removeRecords } from './record-commands.ts';
import classes from './record-children.module.css';
import { say } from '../../../shared/words/say.ts';

/** What it is for, while there is none. */
const purposes: Readonly<Partial<Record<NounName, string>>> = {
  contacts: 'The people you talk to at this client.',
  locations: 'The places of this client: offices, sites, depots.',
  opportunities: 'What may be bought from you, and how far that is.',
  cases: 'Questions and problems that came to you, until each is closed.',
  tasks: 'What is to be done, and by when.',
  invoices: 'What was asked for here, and what of it is paid.',
  clients: 'The clients that are looked after.',
  locationContacts: 'Who works where, as what, and from when until when.',
};

/** What of one noun hangs on a record: open, add, make primary, delete. */
export function RecordChildren({ parentNoun, parent, tab }: { parentNoun: NounName; parent: AnyView; tab: ChildTab }) {
  const { noun } = tab;
  const { data, problem } = useChildren(noun, parent.id, tab.count === undefined ? tab.field : null);
  const startNew = useNewRecord((state) => state.start);
  const isDeleted = parent.deletedAt !== null;
  const add = () => startNew(noun, formParent(tab, parentNoun, parent));
  const { singular, plural } = nouns[noun];
  if (data === undefined) return problem === null ? <Loader size="sm" m="md" /> : <Text m="md">{say(problem)}</Text>;
  if (data.rows.length === 0) {
    return (
      <EmptyPlace
        icon={nounScreens[noun].icon}
        title={`No ${plural} yet`}
        {...(isDeleted
          ? {}
          : {
              actions: (
                <Button leftSection={<IconPlus size={16} />} onClick={add}>
                  Add {singular}
                </Button>
              ),
            })}
      >
        {purposes[noun]}
      </EmptyPlace>
    );
  }
  return (
    <div className={classes.children}>
      <ul className={classes.list} aria-label={`${tab.label} of ${viewTitle(parentNoun, parent)}`}>
        {data.rows.map((row) => (
          <ChildRow key={row.id} tab={tab} row={row} isFixed={isDeleted} />
        ))}
      </ul>
      {noun === 'invoices' ? <InvoiceSums rows={data.rows as InvoiceView[]} /> : null}
      {data.total > data.rows.length ? (
        <Text size="sm" c="dimmed" px="sm">
          The first {formatCount(data.rows.length)} of {formatCount(data.total)} are shown.
        </Text>
      ) : null}
      {isDeleted ? null : (
        <Button variant="subtle" size="compact-md" leftSection={<IconPlus size={16} />} onClick={add} className={classes.add}>
          Add {singular}
        </Button>
      )}
    </div>
  );
}

function ChildRow({ tab, row, isFixed }: { tab: ChildTab; row: AnyView; isFixed: boolean }) {
  const { noun } = tab;
  const title = (tab.titleField === undefined ? undefined : referencesOf(row, tab.titleField)[0]?.name) ?? viewTitle(noun, row);
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <span className={classes.titleLine}>
          <Link to="/$noun/$id" params={{ noun, id: row.id }} search={{}} className={classes.title}>
            {title}
          </Link>
          {'isPrimary' in row && row.isPrimary ? (
            <span className={classes.primary}>
              <IconStarFilled size={12} aria-hidden /> Primary
            </span>
          ) : null}
          {'isActive' in row && !row.isActive ? <span className={classes.primary}>Not active</span> : null}
          {'isCurrent' in row && !row.isCurrent && row.isActive ? <span className={classes.primary}>Not at this time</span> : null}
          {'isOverdue' in row && row.isOverdue ? <span className={classes.primary}>Overdue</span> : null}
        </span>
        <span className={classes.facts}>{factsOf(noun, row).join(' · ')}</span>
      </div>
      {isFixed ? null : (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={`More for ${title}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {!('isPrimary' in row) || row.isPrimary ? null : (
              <Menu.Item leftSection={<IconStar size={15} />} onClick={() => void makePrimary(noun, row)}>
                Make primary
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => void removeRecords(noun, [row.id], title)}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}

/** The fields that tell records of these nouns apart at a glance. */
const factPaths: Partial<Record<NounName, readonly string[]>> = {
  clients: ['lifecycleStage', 'address.city', 'phone'],
  opportunities: ['stage', 'amount', 'expectedCloseDate'],
  cases: ['status', 'priority', 'caseType'],
  tasks: ['status', 'priority', 'dueDate'],
  locationContacts: ['title', 'startDate', 'endDate'],
};

function factsOf(noun: NounName, row: AnyView): string[] {
  const facts =
    'jobTitle' in row
      ? [row.jobTitle, row.email, row.mobilePhone ?? row.phone ?? row.workPhone]
      : 'physicalAddress' in row
        ? [row.physicalAddress.line1 ?? row.physicalAddress.freeform, row.physicalAddress.city, row.primaryPhone]
        : 'lineTotals' in row
          ? [invoiceStatuses[row.status], moneyText(row.total, row.currency), row.dueDate === null ? null : `due ${formatDay(row.dueDate)}`]
          : (factPaths[noun] ?? []).map((path) => textAt(noun, row, path));
  return facts.filter((fact): fact is string => fact !== null && fact !== '');
}

function textAt(noun: NounName, row: AnyView, path: string): string | null {
  const field = fieldsOf(noun).find((one) => one.path === path);
  const value = valueAt(row, path);
  if (field === undefined || value === null) return null;
  if (path === 'amount' && 'currency' in row) return moneyText(String(value), row.currency);
  const text = displayText(field, value);
  return path === 'startDate' ? `from ${text}` : path === 'endDate' ? `until ${text}` : text;
}

async function makePrimary(noun: NounName, row: AnyView): Promise<void> {
  const result = await recordApi(noun).change({ id: row.id, changes: { isPrimary: true } });
  if (!result.ok) return showProblem(result.error);
  putIntoLists(noun, result.value.record);
  if (result.value.operationId !== null)
    showDone(`${viewTitle(noun, row)} is the primary ${nouns[noun].singular} now.`, [result.value.operationId]);
}
