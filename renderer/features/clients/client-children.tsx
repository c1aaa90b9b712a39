import { ActionIcon, Button, Loader, Menu, Text } from '@mantine/core';
import { IconDots, IconPlus, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ClientView, ContactView, LocationView } from '../../../shared/contracts/record.contract.ts';
import { nouns } from '../../../shared/entities/nouns.ts';
import { putIntoLists } from '../../api/list-window.ts';
import { type AnyView, recordApi, useChildren, viewTitle } from '../../api/records.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { useNewRecord } from '../records/new-record-state.ts';
import { nounScreens } from '../records/noun-screens.tsx';
import { removeRecords } from '../records/record-commands.ts';
import classes from './client-children.module.css';

type Child = ContactView | LocationView;

/** The contacts or the locations of a client: open, add, make primary, delete. */
export function ClientChildren({ client, noun }: { client: ClientView; noun: 'contacts' | 'locations' }) {
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
        {noun === 'contacts' ? 'The people you talk to at this client.' : 'The places of this client: offices, sites, depots.'}
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

function ChildRow({ noun, row, isFixed }: { noun: 'contacts' | 'locations'; row: Child; isFixed: boolean }) {
  const title = viewTitle(noun, row);
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <span className={classes.titleLine}>
          <Link to="/$noun/$id" params={{ noun, id: row.id }} search={{}} className={classes.title}>
            {title}
          </Link>
          {row.isPrimary ? (
            <span className={classes.primary}>
              <IconStarFilled size={12} aria-hidden /> Primary
            </span>
          ) : null}
          {row.isActive ? null : <span className={classes.primary}>Not active</span>}
        </span>
        <span className={classes.facts}>{factsOf(row).join(' · ')}</span>
      </div>
      {isFixed ? null : (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={`More for ${title}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {row.isPrimary ? null : (
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

function factsOf(row: Child): string[] {
  const facts =
    'jobTitle' in row
      ? [row.jobTitle, row.email, row.mobilePhone ?? row.phone ?? row.workPhone]
      : [row.physicalAddress.line1 ?? row.physicalAddress.freeform, row.physicalAddress.city, row.primaryPhone];
  return facts.filter((fact): fact is string => fact !== null && fact !== '');
}

async function makePrimary(noun: 'contacts' | 'locations', row: AnyView): Promise<void> {
  const result = await recordApi(noun).change({ id: row.id, changes: { isPrimary: true } });
  if (!result.ok) return showProblem(result.error);
  putIntoLists(noun, result.value.record);
  if (result.value.operationId !== null)
    showDone(`${viewTitle(noun, row)} is the primary ${nouns[noun].singular} now.`, [result.value.operationId]);
}
