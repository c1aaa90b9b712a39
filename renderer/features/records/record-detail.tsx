import { ActionIcon, Alert, Button, Menu, Tabs, Text, Tooltip } from '@mantine/core';
import {
  IconAdjustmentsDollar,
  IconArrowBackUp,
  IconChevronDown,
  IconChevronUp,
  IconCopy,
  IconDots,
  IconFileSad,
  IconHistory,
  IconMail,
  IconPencil,
  IconPlus,
  IconStar,
  IconStarFilled,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type FieldInfo, isAs, valueAt } from '../../../shared/nouns/field.ts';
import type { Problem } from '../../../shared/lib/result.ts';
import { fieldsOf, type NounName, nouns, parentNounsOf } from '../../../shared/nouns/nouns.ts';
import { useActivityCount } from '../../api/activities.ts';
import { useFavouriteIds } from '../../api/favourites.ts';
import { useListedRecord } from '../../api/list-window.ts';
import { type AnyView, recordApi, viewTitle } from '../../api/records.ts';
import { copyText } from '../../ui/copy-text.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { Age } from '../../ui/age.tsx';
import { formatInstant } from '../../ui/field-text.ts';
import { Shortcut } from '../../ui/shortcut.tsx';
import { wasCovered } from '../../ui/was-covered.ts';
import { PriceTable } from '../prices/price-table.tsx';
import { useOpenSetPrices } from '../prices/set-prices-state.ts';
import { MergedFrom } from '../duplicates/merged-from.tsx';
import { RecordHistory } from '../history/record-history.tsx';
import { runAction, useAction } from '../keys/actions.ts';
import { writeTo } from '../mail/compose-state.ts';
import { isTyping } from '../keys/hotkeys.ts';
import { RecordMarkFact } from '../sync/record-mark.tsx';
import { DetailFields } from './detail-fields.tsx';
import { useEntryWish } from '../activities/entry-draft.ts';
import { RecordTimeline } from '../activities/record-timeline.tsx';
import { childTabs, formParent } from './child-tabs.ts';
import type { RecordTab } from './list-search.ts';
import { changeFavourite } from './favourites.ts';
import { canBeFavourite } from './grid-layout.ts';
import { useListState } from './list-state.ts';
import { useNewRecord } from './new-record-state.ts';
import { nounScreens } from './noun-screens.tsx';
import { useOpening, useWish } from './opening-state.ts';
import { RecordHead } from './record-head.tsx';
import { type TabOfRow, TabRow } from './tab-row.tsx';
import { removeRecords, restoreRecords } from './record-commands.ts';
import { RecordChildren } from './record-children.tsx';
import classes from './record-detail.module.css';
import { say } from '../../../shared/words/say.ts';

interface RecordDetailProps {
  noun: NounName;
  id: string;
  tab: RecordTab;
}

const noPaths: ReadonlySet<string> = new Set();

/** One record, opened beside its list. */
export function RecordDetail({ noun, id, tab }: RecordDetailProps) {
  const { data: record, problem } = useListedRecord(noun, id);
  const navigate = useNavigate();
  const [editing, setEditing] = useState<{ id: string; paths: ReadonlySet<string> }>({ id, paths: noPaths });
  const heading = useRef<HTMLHeadingElement>(null);
  const { singular } = nouns[noun];
  const screen = nounScreens[noun];

  const setTab = (next: RecordTab, replace = true) =>
    void navigate({ to: '.', search: (before) => ({ ...before, tab: next === 'details' ? undefined : next }), replace });
  const close = () => {
    void navigate({ to: '/$noun', params: { noun }, search: (before) => ({ ...before, tab: undefined }) });
    document.querySelector<HTMLElement>(`[data-list="${noun}"]`)?.focus();
  };
  const startEditing = (path: string) => setEditing((now) => ({ id, paths: new Set(now.id === id ? now.paths : []).add(path) }));
  const stopEditing = (path: string) =>
    setEditing((now) => ({ id: now.id, paths: new Set([...now.paths].filter((other) => other !== path)) }));
  const edit = () => {
    if (record === undefined || record.deletedAt !== null) return;
    if (tab !== 'details') setTab('details');
    const first = firstToEdit(noun, record);
    if (first !== undefined) startEditing(first.path);
  };

  useFollowMerge(noun, id, record !== undefined && record.id !== id);

  const isThere = record !== undefined;
  const wish = useWish(id);
  useEffect(() => {
    if (!isThere || wish === null) return;
    useOpening.getState().granted();
    if (wish === 'heading') heading.current?.focus();
    if (wish === 'edit') edit();
    // oxlint-disable-next-line react/exhaustive-deps -- asked once per wish; what `edit` closes over belongs to that moment
  }, [wish, isThere]);

  const canLog = hasActivity(noun);
  const activityCount = useActivityCount(noun, canLog && isThere ? id : null);
  const log = (kind: 'call' | 'visit' | 'comment') => {
    if (tab !== 'activity') setTab('activity');
    useEntryWish.getState().ask(kind);
  };
  const isLoggable = canLog && isThere && record.deletedAt === null;
  useAction('logCall', isLoggable ? () => log('call') : null);
  useAction('logVisit', isLoggable ? () => log('visit') : null);
  useAction('addComment', isLoggable ? () => log('comment') : null);
  useAction('edit', isThere && record.deletedAt === null ? edit : null);
  const mailTo = noun === 'clients' || noun === 'contacts' ? noun : null;
  useAction('writeEmail', mailTo !== null && isThere && record.deletedAt === null ? () => writeTo(mailTo, record) : null);
  useAction('deleteRecord', isThere && record.deletedAt === null ? () => void remove() : null);

  // Esc closes wherever the focus is that has no use of its own for it.
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isTyping(event.target) || wasCovered()) return;
      close();
    };
    // On the document: a tooltip that the mouse is over takes the key there and lets nothing above hear of it.
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });

  const remove = async () => {
    if (record === undefined) return;
    await removeRecords(noun, [record.id], viewTitle(noun, record), close);
  };

  if (record === undefined) return <NotThere noun={noun} problem={problem} onClose={close} />;

  const title = viewTitle(noun, record);
  const isDeleted = record.deletedAt !== null;
  const children = childTabs(noun, record);
  const tabs = tabsOf(noun, record, children, canLog ? activityCount : null);
  return (
    <section className={classes.detail} aria-label={`${capital(singular)}: ${title}`}>
      <header className={classes.header}>
        <div className={classes.top}>
          <h2 ref={heading} className={classes.title} tabIndex={-1} data-record-title>
            {title}
          </h2>
          <div className={classes.tools}>
            <Steps noun={noun} />
            {isDeleted || !canBeFavourite(noun) ? null : <Star noun={noun} id={record.id} title={title} />}
            <MoreMenu noun={noun} record={record} onEdit={edit} onRemove={() => void remove()} onHistory={() => setTab('history')} />
            <CloseRecord singular={singular} onClose={close} />
          </div>
        </div>
        <div className={classes.facts}>
          <screen.Facts record={record} />
          <RecordMarkFact noun={noun} id={record.id} />
        </div>
        {isDeleted ? null : <RecordHead noun={noun} record={record} onLog={() => log('call')} />}
      </header>
      {isDeleted ? <DeletedNote noun={noun} record={record} /> : null}
      {isDeleted ? null : <MergedFrom noun={noun} id={record.id} />}
      <Tabs
        value={tab}
        onChange={(next) => setTab((next ?? 'details') as RecordTab)}
        keepMounted={false}
        className={classes.tabs}
        classNames={{ panel: classes.panel ?? '' }}
      >
        <TabRow tabs={tabs} value={tab} onChange={(next) => setTab(next as RecordTab)} />
        <Tabs.Panel value="details" tabIndex={-1}>
          {screen.Body === undefined ? null : <screen.Body record={record} />}
          <DetailFields
            noun={noun}
            record={record}
            editing={editing.id === id ? editing.paths : noPaths}
            onEdit={startEditing}
            onClose={stopEditing}
          />
          <Text size="xs" c="dimmed" className={classes.stamp}>
            Created {formatInstant(record.createdAt)}
            {record.createdBy === '' ? '' : ` by ${record.createdBy}`}, changed <Age instant={record.updatedAt} />
            {record.updatedBy === '' ? '' : ` by ${record.updatedBy}`}
          </Text>
        </Tabs.Panel>
        {canLog ? (
          <Tabs.Panel value="activity">
            <RecordTimeline key={id} noun={noun} record={record} />
          </Tabs.Panel>
        ) : null}
        {children.map((child) => (
          <Tabs.Panel key={child.noun} value={child.noun}>
            <RecordChildren parentNoun={noun} parent={record} tab={child} />
          </Tabs.Panel>
        ))}
        {noun === 'locations' || noun === 'itemPrices' ? (
          <Tabs.Panel value="prices">
            <PriceTable key={record.id} noun={noun} id={record.id} title={title} isDeleted={isDeleted} />
          </Tabs.Panel>
        ) : null}
        <Tabs.Panel value="history">
          <RecordHistory key={record.id} noun={noun} record={record} />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

/** The record before it in the list, and the one after it. */
function Steps({ noun }: { noun: NounName }) {
  const { singular } = nouns[noun];
  const place = useListState((state) => state.places[noun].index);
  const isLast = useListState((state) => state.places[noun].index === state.places[noun].total - 1);
  return (
    <>
      <Tool
        words="Previous"
        keys="k"
        label={`Previous ${singular}`}
        disabled={place === 0}
        icon={<IconChevronUp size={17} />}
        onClick={() => runAction('previous')}
      />
      <Tool
        words="Next"
        keys="j"
        label={`Next ${singular}`}
        disabled={isLast}
        icon={<IconChevronDown size={17} />}
        onClick={() => runAction('next')}
      />
    </>
  );
}

/** Whether the record is one that the person wants at hand. */
function Star({ noun, id, title }: { noun: NounName; id: string; title: string }) {
  const isOn = useFavouriteIds().has(id);
  const change = () => void changeFavourite(noun, id, title, !isOn);
  useAction('favourite', change);
  return (
    <Tool
      words={isOn ? 'Take out of the favourites' : 'Add to the favourites'}
      keys="b"
      label="Favourite"
      isPressed={isOn}
      icon={isOn ? <IconStarFilled size={17} color="var(--fb-star)" /> : <IconStar size={17} />}
      onClick={change}
    />
  );
}

/** While it is looked for, and where it is not in the book. */
function NotThere({ noun, problem, onClose }: { noun: NounName; problem: Problem | null; onClose: () => void }) {
  const { singular } = nouns[noun];
  return (
    <section className={classes.detail} aria-label={`Open ${singular}`} aria-busy={problem === null}>
      <div className={classes.top}>
        <span className={classes.nothing} />
        <CloseRecord singular={singular} onClose={onClose} />
      </div>
      {problem === null ? null : (
        <EmptyPlace
          icon={<IconFileSad size={24} />}
          title={`This ${singular} is not in the book`}
          actions={
            <Button variant="default" onClick={onClose}>
              Back to {nouns[noun].plural}
            </Button>
          }
        >
          {say(problem)}
        </EmptyPlace>
      )}
    </section>
  );
}

function DeletedNote({ noun, record }: { noun: NounName; record: AnyView }) {
  return (
    <Alert
      color="gray"
      className={classes.deleted}
      title={
        <>
          Deleted <Age instant={record.deletedAt ?? ''} />
        </>
      }
    >
      <Text size="sm" mb="xs">
        Nothing of it is lost. Restore it to change it again{noun === 'clients' ? '; what was deleted with it comes back too' : ''}.
      </Text>
      <Button
        size="compact-md"
        leftSection={<IconArrowBackUp size={16} />}
        onClick={() => void restoreRecords(noun, [record.id], viewTitle(noun, record))}
      >
        Restore
      </Button>
    </Alert>
  );
}

/** The first text a new record is asked for: its name, mostly. Where there is none, the first field that can be edited. */
function firstToEdit(noun: NounName, record: AnyView): FieldInfo | undefined {
  const { formFields, hasField = () => true, isFixed = () => false } = nounScreens[noun];
  const fields = fieldsOf(noun).filter(
    (field) =>
      field.computed !== true &&
      field.fixed !== true &&
      field.kind !== 'boolean' &&
      isAs(record, field.when) &&
      hasField(record, field.path) &&
      !isFixed(record, field.path),
  );
  const inOrder = [...formFields.flatMap((path) => fields.filter((field) => field.path === path)), ...fields];
  return inOrder.find(({ kind }) => kind === 'text' || kind === 'email') ?? inOrder[0];
}

/** A link to a record that was merged into another leads to that one. What is kept from before may name another by now. */
function useFollowMerge(noun: NounName, id: string, isOther: boolean): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (!isOther) return;
    let isCurrent = true;
    void recordApi(noun)
      .get({ id })
      .then((result) => {
        if (!isCurrent || !result.ok || result.value.id === id) return;
        void navigate({ to: '/$noun/$id', params: { noun, id: result.value.id }, search: (before) => before, replace: true });
      });
    return () => {
      isCurrent = false;
    };
  }, [isOther, id, noun, navigate]);
}

function tabsOf(noun: NounName, record: AnyView, children: ReturnType<typeof childTabs>, activities: number | null): TabOfRow[] {
  return [
    { value: 'details', label: 'Details' },
    ...(activities === null ? [] : [{ value: 'activity', label: 'Activity', count: activities }]),
    ...children.map(({ noun: child, label, count }) => ({
      value: child,
      label,
      count: count === undefined ? 0 : Number(valueAt(record, count)),
    })),
    ...(noun === 'locations' || noun === 'itemPrices' ? [{ value: 'prices', label: noun === 'locations' ? 'Prices' : 'Locations' }] : []),
    { value: 'history', label: 'History' },
  ];
}

/** Whether activities hang on records of the noun. */
function hasActivity(noun: NounName): boolean {
  return parentNounsOf('activities').includes(noun);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function CloseRecord({ singular, onClose }: { singular: string; onClose: () => void }) {
  return <Tool words="Close" keys="esc" label={`Close ${singular}`} icon={<IconX size={17} />} onClick={onClose} />;
}

interface ToolProps {
  words: string;
  keys: string;
  /** For those who do not see the icon. */
  label: string;
  icon: ReactNode;
  disabled?: boolean;
  /** Of what is on or off. */
  isPressed?: boolean;
  onClick: () => void;
}

/** A button beside the title, with its key in the words that come up over it. */
function Tool({ words, keys, label, icon, disabled = false, isPressed, onClick }: ToolProps) {
  return (
    <Tooltip
      label={
        <span>
          {words} <Shortcut keys={keys} />
        </span>
      }
    >
      <ActionIcon variant="subtle" color="gray" size={28} aria-label={label} aria-pressed={isPressed} disabled={disabled} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

interface MoreMenuProps {
  noun: NounName;
  record: AnyView;
  onEdit: () => void;
  onRemove: () => void;
  onHistory: () => void;
}

function MoreMenu({ noun, record, onEdit, onRemove, onHistory }: MoreMenuProps) {
  const startNew = useNewRecord((state) => state.start);
  const openSetPrices = useOpenSetPrices();
  const { singular } = nouns[noun];
  const title = viewTitle(noun, record);
  const isDeleted = record.deletedAt !== null;
  return (
    <Menu position="bottom-end" withinPortal returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={`More for this ${singular}`}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {isDeleted ? (
          <Menu.Item leftSection={<IconArrowBackUp size={15} />} onClick={() => void restoreRecords(noun, [record.id], title)}>
            Restore
          </Menu.Item>
        ) : (
          <>
            <Menu.Item leftSection={<IconPencil size={15} />} rightSection={<Shortcut keys="e" />} onClick={onEdit}>
              Edit
            </Menu.Item>
            {noun === 'clients' || noun === 'contacts' ? (
              <Menu.Item leftSection={<IconMail size={15} />} rightSection={<Shortcut keys="m" />} onClick={() => writeTo(noun, record)}>
                Write e-mail
              </Menu.Item>
            ) : null}
            {noun === 'clients' && Number(valueAt(record, 'locationCount')) > 0 ? (
              <Menu.Item
                leftSection={<IconAdjustmentsDollar size={15} />}
                onClick={() => openSetPrices({ where: 'ofClient', clientId: record.id })}
              >
                Set prices of its locations
              </Menu.Item>
            ) : null}
            {childTabs(noun, record).map((tab) => (
              <Menu.Item
                key={tab.noun}
                leftSection={<IconPlus size={15} />}
                onClick={() => startNew(tab.noun, formParent(tab, noun, record))}
              >
                Add {nouns[tab.noun].singular}
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Item leftSection={<IconHistory size={15} />} onClick={onHistory}>
          History
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => void copyText(window.location.href, 'Link')}>
          Copy link
        </Menu.Item>
        {isDeleted ? null : (
          <>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={onRemove}>
              Delete {singular}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
