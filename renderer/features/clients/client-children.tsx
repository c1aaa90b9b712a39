import { ActionIcon, Button, Loader, Menu, Text } from '@mantine/core';
import { IconDots, IconPlus, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ClientView } from '../../../shared/contracts/record.contract.ts';
import { valueAt } from '../../../shared/entities/field.ts';
import { fieldsOf, nouns } from '../../../shared/entities/nouns.ts';
import { putIntoLists } from '../../api/list-window.ts';
import { type AnyView, type ChildNoun, recordApi, useChildren, type ViewOf, viewTitle } from '../../api/records.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { displayText, formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { useNewRecord } from '../records/new-record-state.ts';
import { nounScreens } from '../records/noun-screens.tsx';
import { removeRecords } from '../records/record-commands.ts';
import classes from './client-children.module.css';

type Child = ViewOf[ChildNoun];

/** What it is for, while there is none. */
const purposes: Readonly<Record<ChildNoun, string>> = {
  contacts: 'The people you talk to at this client.',
  locations: 'The places of this client: offices, sites, depots.',
  opportunities: 'What this client may buy from you, and how far that is.',
  cases: 'Questions and problems this client came to you with.',
  tasks: 'What is to be done for this client.',
  invoices: 'What this client was asked to pay, and what of it is paid.',
};

/** What of one noun hangs on a client: open, add, make primary, delete. */
export function ClientChildren({ client, noun }: { client: ClientView; noun: ChildNoun }) {
  const { data, problem } = useChildren(noun, client.id);
  const startNew = useNewRecord((state) => state.start);
  const isDeleted = client.deletedAt !== null;
  const add = () => startNew(noun, { id: client.id, name: client.name });
  const { singular, plural } = nouns[noun];
  if (data === undefined) return problem === null ? <Loader size="sm" m="md" /> : <Text m="md">{problem.message}</Text>;
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
      <ul className={classes.list} aria-label={`${nounScreens[noun].title} of ${client.name}`}>
        {data.rows.map((row) => (
          <ChildRow key={row.id} noun={noun} row={row as Child} isFixed={isDeleted} />
        ))}
      </ul>
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

function ChildRow({ noun, row, isFixed }: { noun: ChildNoun; row: Child; isFixed: boolean }) {
  const title = viewTitle(noun, row);
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
const factPaths: Partial<Record<ChildNoun, readonly string[]>> = {
  opportunities: ['stage', 'amount', 'currency', 'expectedCloseDate'],
  cases: ['status', 'priority', 'caseType'],
  tasks: ['status', 'priority', 'dueDate'],
  invoices: ['status', 'total', 'currency', 'dueDate'],
};

function factsOf(noun: ChildNoun, row: Child): string[] {
  const facts =
    'jobTitle' in row
      ? [row.jobTitle, row.email, row.mobilePhone ?? row.phone ?? row.workPhone]
      : 'physicalAddress' in row
        ? [row.physicalAddress.line1 ?? row.physicalAddress.freeform, row.physicalAddress.city, row.primaryPhone]
        : (factPaths[noun] ?? []).map((path) => textAt(noun, row, path));
  return facts.filter((fact): fact is string => fact !== null && fact !== '');
}

function textAt(noun: ChildNoun, row: Child, path: string): string | null {
  const field = fieldsOf(noun).find((one) => one.path === path);
  const value = valueAt(row, path);
  // A currency says nothing without its amount.
  if (field === undefined || value === null || (path === 'currency' && valueAt(row, 'amount') === null)) return null;
  return displayText(field, value);
}

async function makePrimary(noun: ChildNoun, row: AnyView): Promise<void> {
  const result = await recordApi(noun).change({ id: row.id, changes: { isPrimary: true } });
  if (!result.ok) return showProblem(result.error);
  putIntoLists(noun, result.value.record);
  if (result.value.operationId !== null)
    showDone(`${viewTitle(noun, row)} is the primary ${nouns[noun].singular} now.`, [result.value.operationId]);
}
