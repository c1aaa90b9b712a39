import { Alert, Button, CloseButton, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { IconCloudUp, IconListSearch, IconPlus, IconSearchOff, IconTrash, IconTrashOff, IconUpload } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { hasBoard } from '../../../shared/contracts/board.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { isImportNoun } from '../../../shared/nouns/import-target.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { useListWindow } from '../../api/list-window.ts';
import { useListFields } from '../../api/own-fields.ts';
import { useSettings, useStatus } from '../../api/live.ts';
import { useFavouriteIds } from '../../api/favourites.ts';
import { recordApi, useCounts, viewTitle } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { focusRecord, isFocusLost } from '../../ui/last-focus.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { PriceGrid } from '../prices/price-grid.tsx';
import { type BoardHandle, RecordBoard } from '../boards/record-board.tsx';
import { useListedAs, ViewSwitch } from '../boards/view-switch.tsx';
import { ExportMenu } from '../exports/export-menu.tsx';
import { countOf } from '../history/command-words.ts';
import { useAction } from '../keys/actions.ts';
import { BulkBar } from './bulk-bar.tsx';
import { ColumnChooser } from './column-chooser.tsx';
import { changeFavourite } from './favourites.ts';
import { FilterBuilder } from './filter-builder.tsx';
import { FilterButton, FilterChips, type FilterDraft, newFilter } from './filter-bar.tsx';
import { type ListSearch, requestOf } from './list-search.ts';
import { canBeFavourite } from './grid-layout.ts';
import { useListState } from './list-state.ts';
import { useNewRecord } from './new-record-state.ts';
import { hasForm, nounScreens } from './noun-screens.tsx';
import { isOpening, useOpening, useWish, type Wish } from './opening-state.ts';
import { removeRecords } from './record-commands.ts';
import { type GridHandle, RecordGrid } from './record-grid.tsx';
import { useShownLayout } from './shown-layout.ts';
import { ViewBar } from './view-bar.tsx';
import classes from './record-list.module.css';
import { say } from '../../../shared/words/say.ts';

const rowHeights = { dense: 32, comfortable: 42 };

interface RecordListProps {
  noun: NounName;
  search: ListSearch;
  openId: string | null;
}

/** The list of a noun: everything above the rows, the rows, and the keys that move in them. */
export function RecordList({ noun, search, openId }: RecordListProps) {
  const screen = nounScreens[noun];
  const navigate = useNavigate();
  const go = useCallback(
    (changes: Partial<ListSearch>, replace = true) => {
      void navigate({ to: '.', search: (before) => ({ ...before, ...changes }), replace });
    },
    [navigate],
  );
  const layout = useShownLayout(noun, search, go);
  const fields = useListFields(noun);
  const request = useMemo(() => requestOf(search, layout.sort, fields), [search, layout.sort, fields]);
  const list = useListWindow(noun, request);
  const place = useListState((state) => state.places[noun]);
  const { move, select } = useListState.getState();
  const density = useSettings()?.density ?? 'dense';
  const startNew = useNewRecord((state) => state.start);
  const counts = useCounts();
  const favourites = useFavouriteIds();
  const grid = useRef<GridHandle>(null);
  /** What is there instead of rows: a board, or the grid of prices. */
  const board = useRef<BoardHandle>(null);
  const focusRows = () => (grid.current ?? board.current)?.focus();
  const quickFilter = useRef<HTMLInputElement>(null);
  const [filterDraft, setFilterDraft] = useState<FilterDraft | null>(null);
  const [isChoosing, setIsChoosing] = useState(false);
  const [isBuilding, setIsBuilding] = useState(false);
  const isDeleted = search.show === 'deleted';
  const { as: listedAs } = useListedAs(noun);
  // What is deleted has no column to move to, and no price.
  const shownAs = isDeleted ? 'list' : listedAs;
  const isInRows = shownAs === 'list';
  const total = list.total ?? 0;
  const count = useListState((state) => state.count);
  useEffect(() => count(noun, total), [count, noun, total]);
  const filters = request.filters;
  const isFiltered = filters.length > 0 || request.where !== null || request.search !== '';

  // Deleted ones are looked at once: who comes back wants those that are there.
  const { tab: _tab, ...asked } = search;
  const leaveAs = JSON.stringify(isDeleted ? {} : asked);
  useEffect(() => useListState.getState().leave(noun, JSON.parse(leaveAs) as ListSearch), [noun, leaveAs]);

  const open = useCallback(
    (id: string, replace: boolean) => {
      void navigate({ to: '/$noun/$id', params: { noun, id }, search: (before) => before, replace });
    },
    [navigate, noun],
  );

  // Ticks belong to what is listed: they do not outlive a change of it.
  const requestKey = JSON.stringify(request);
  useEffect(() => {
    select(noun, new Set());
  }, [noun, requestKey, select]);

  const isThere = list.total !== null && list.total > 0;
  const wish = useWish(noun);
  useEffect(() => {
    if (!isThere || wish !== 'list') return;
    useOpening.getState().granted();
    focusRows();
  }, [isThere, wish]);

  // The last row went, or the first came, with the focus: on to what is there now. A list that opens takes nothing.
  const section = useRef<HTMLElement>(null);
  const hadFocus = useRef(false);
  useEffect(() => {
    const onFocusIn = ({ target }: FocusEvent) => {
      hadFocus.current = target instanceof Node && section.current?.contains(target) === true;
    };
    document.addEventListener('focusin', onFocusIn);
    return () => document.removeEventListener('focusin', onFocusIn);
  }, []);
  const isEmptied = list.total === 0 && !list.isStale;
  const before = useRef<'rows' | 'nothing' | null>(null);
  useEffect(() => {
    const now = isThere ? 'rows' : isEmptied ? 'nothing' : null;
    if (now === null) return;
    const isTurned = before.current !== null && before.current !== now;
    before.current = now;
    if (!isTurned || !hadFocus.current || !isFocusLost() || openId !== null) return;
    if (now === 'rows') focusRows();
    else section.current?.querySelector<HTMLElement>('[data-empty] button')?.focus();
  }, [isThere, isEmptied, openId]);

  // The row of the open record is where the cursor is, however it was opened.
  const openAt = openId === null ? -1 : list.indexOf(openId);
  useEffect(() => {
    if (openAt < 0) return;
    move(noun, openAt);
    grid.current?.scrollTo(openAt);
  }, [openAt, noun, move]);

  // Opened by a search or a link, far from the rows that are there: its place is asked for once.
  const isFar = openId !== null && openAt < 0 && isThere && !list.isStale;
  const lookedFor = useRef('');
  useEffect(() => {
    const place = `${openId} ${requestKey}`;
    // Once: whoever scrolls away from it afterwards means to.
    if (!isFar || lookedFor.current === place) return;
    lookedFor.current = place;
    let isAsked = true;
    void recordApi(noun)
      .ids(request)
      .then((result) => {
        if (!isAsked) return;
        isAsked = false;
        const at = result.ok ? result.value.ids.indexOf(openId) : -1;
        if (at < 0) return;
        move(noun, at);
        grid.current?.scrollTo(at);
      });
    return () => {
      // The list changed before the answer came: the new one is asked.
      if (isAsked) lookedFor.current = '';
      isAsked = false;
    };
  }, [isFar, openId, noun, request, requestKey, move]);

  // A row that was asked for before its page was there opens when it comes.
  const wanted = useRef<{ index: number; wish: Wish | null } | null>(null);
  const openRow = useCallback(
    (index: number, replace: boolean, rowWish: Wish | null = null) => {
      const row = list.rowAt(index);
      wanted.current = row === undefined ? { index, wish: rowWish } : null;
      if (row === undefined) return;
      if (rowWish !== null) useOpening.getState().wish(rowWish, row.id);
      open(row.id, replace);
    },
    [list, open],
  );
  useEffect(() => {
    const late = wanted.current;
    if (late !== null && list.rowAt(late.index) !== undefined) openRow(late.index, true, late.wish);
  }, [list, openRow]);

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(total - 1, index));
    if (total === 0) return;
    move(noun, next);
    grid.current?.scrollTo(next);
    if (openId !== null) openRow(next, true);
  };

  /** Moved by a key from anywhere: the next key is for the row that is marked now, not for what had the focus before. */
  const goOnHere = () => {
    if (openId === null) focusRows();
    else if (section.current?.contains(document.activeElement) !== true) focusRecord();
  };

  /** Next or previous, also from a record that a link opened and whose place is not known yet. */
  const step = async (by: number) => {
    if (openId !== null && list.indexOf(openId) < 0 && list.rowAt(place.index)?.id !== openId) {
      const result = await recordApi(noun).ids(request);
      if (!result.ok) return showProblem(result.error);
      const at = result.value.ids.indexOf(openId);
      moveTo(at < 0 ? 0 : at + by);
      return goOnHere();
    }
    moveTo(place.index < 0 ? 0 : place.index + by);
    goOnHere();
  };

  const tick = async (index: number, extend: boolean) => {
    const row = list.rowAt(index);
    if (row === undefined) return;
    const next = new Set(place.selected);
    if (extend && place.anchor >= 0 && place.anchor !== index) {
      const [from, to] = [Math.min(place.anchor, index), Math.max(place.anchor, index)];
      const known = Array.from({ length: to - from + 1 }, (_, at) => list.rowAt(from + at)?.id);
      const ids = known.includes(undefined) ? await idsBetween(from, to) : known;
      for (const id of ids) if (id !== undefined) next.add(id);
    } else if (!next.delete(row.id)) {
      next.add(row.id);
    }
    select(noun, next, index);
    move(noun, index);
    announce(next.size === 0 ? 'Nothing selected' : `${formatCount(next.size)} selected`);
  };

  const idsBetween = async (from: number, to: number): Promise<string[]> => {
    const result = await recordApi(noun).ids(request);
    if (!result.ok) {
      showProblem(result.error);
      return [];
    }
    return result.value.ids.slice(from, to + 1);
  };

  const isAllTicked = total > 0 && place.selected.size >= total;
  const tickAll = async () => {
    if (isAllTicked) {
      select(noun, new Set(), -1);
      return announce('Nothing selected');
    }
    const result = await recordApi(noun).ids(request);
    if (!result.ok) return showProblem(result.error);
    select(noun, new Set(result.value.ids), 0);
    announce(`All ${formatCount(result.value.ids.length)} selected`);
  };

  const deleteRows = async () => {
    const row = list.rowAt(place.index);
    const ids = place.selected.size > 0 ? [...place.selected] : row === undefined ? [] : [row.id];
    if (ids.length === 0 || isDeleted) return;
    const name = ids.length === 1 && row !== undefined && ids[0] === row.id ? viewTitle(noun, row) : undefined;
    const leave = () => {
      if (openId !== null && ids.includes(openId)) void navigate({ to: '/$noun', params: { noun }, search: (before) => before });
    };
    if (await removeRecords(noun, ids, name, leave)) select(noun, new Set(), -1);
    focusRows();
  };

  const closeRecord = () => {
    // It may still be on its way: then it does not come.
    useOpening.getState().granted();
    void navigate({ to: '/$noun', params: { noun }, search: (before) => ({ ...before, tab: undefined }) });
    focusRows();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // Keys pressed on a control of the header are its own.
    if (event.target !== event.currentTarget) return;
    const mod = event.ctrlKey || event.metaKey;
    const page = grid.current?.pageSize() ?? 10;
    const steps: Record<string, number> = {
      ArrowDown: place.index + 1,
      ArrowUp: place.index - 1,
      PageDown: place.index + page,
      PageUp: place.index - page,
      Home: 0,
      End: total - 1,
    };
    const target = steps[event.key];
    if (target !== undefined && !mod && !event.altKey) {
      if (event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
        if (place.anchor < 0) select(noun, place.selected, Math.max(0, place.index));
        void tick(Math.max(0, Math.min(total - 1, target)), true);
        grid.current?.scrollTo(Math.max(0, Math.min(total - 1, target)));
      } else moveTo(target);
    } else if (event.key === 'Enter' && place.index >= 0) {
      openRow(place.index, openId !== null, 'heading');
    } else if (event.key === ' ' && place.index >= 0) void tick(place.index, event.shiftKey);
    else if (mod && event.key.toLowerCase() === 'a') void tickAll();
    else if (event.key === 'Delete') void deleteRows();
    else if (event.key === 'Escape' && (openId !== null || isOpening())) closeRecord();
    else if (event.key === 'Escape' && place.selected.size > 0) select(noun, new Set(), -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  useAction('next', isInRows ? () => void step(1) : null);
  useAction('previous', isInRows ? () => void step(-1) : null);
  useAction(
    'select',
    place.index >= 0 && isInRows
      ? () => {
          void tick(place.index, false);
          goOnHere();
        }
      : null,
  );
  const star = (index: number) => {
    const row = list.rowAt(index);
    if (row === undefined || row.deletedAt !== null) return;
    move(noun, index);
    void changeFavourite(noun, row.id, viewTitle(noun, row), !favourites.has(row.id));
  };
  useAction(
    'favourite',
    openId === null && place.index >= 0 && !isDeleted && isInRows && canBeFavourite(noun)
      ? () => {
          star(place.index);
          goOnHere();
        }
      : null,
  );
  useAction('filter', () => setFilterDraft(newFilter(fields[0] as FieldInfo, filters.length, false)));
  const build = () => {
    setFilterDraft(null);
    setIsBuilding(true);
  };
  useAction('conditions', build);
  useAction('columns', isInRows ? () => setIsChoosing(true) : null);
  useAction('showDeleted', list.deleted > 0 && !isDeleted ? () => go({ show: 'deleted' }, false) : null);
  useAction('newHere', hasForm(noun) ? () => startNew(noun) : null);
  useAction(
    'edit',
    openId === null && place.index >= 0 && !isDeleted && isInRows
      ? () => {
          openRow(place.index, false, 'edit');
        }
      : null,
  );

  const everything = counts?.[noun];
  const countText =
    list.total === null
      ? ''
      : isFiltered && !isDeleted && everything !== undefined
        ? `${formatCount(total)} of ${countOf(noun, everything)}`
        : isDeleted
          ? `${formatCount(total)} deleted`
          : countOf(noun, total);
  // It counts the rows on screen, so while those are still of the list before, its words stay too.
  const countSaid = useRef('');
  const countNow = list.isStale ? countSaid.current : countText;
  useEffect(() => {
    countSaid.current = countNow;
  }, [countNow]);

  return (
    <section ref={section} className={classes.list} aria-label={screen.title}>
      <div className={classes.bar}>
        <h1 className={classes.title}>{isDeleted ? `Deleted ${nouns[noun].plural}` : screen.title}</h1>
        <Text size="sm" c="dimmed" className={classes.count} role="status" aria-live="polite">
          {countNow}
        </Text>
        {isDeleted ? null : <ViewSwitch noun={noun} />}
        <div className={classes.tools}>
          <QuickFilter
            ref={quickFilter}
            plural={nouns[noun].plural}
            value={search.q ?? ''}
            onChange={(q) => go({ q: q === '' ? undefined : q })}
            onDown={() => focusRows()}
          />
          <FilterButton
            noun={noun}
            filters={filters}
            draft={filterDraft}
            onDraft={setFilterDraft}
            onApply={(f) => go({ f: f.length === 0 ? undefined : f })}
            onBuild={() => build()}
          />
          {isDeleted ? null : (
            <UnsentToggle isOn={search.show === 'unsent'} onChange={(isOn) => go({ show: isOn ? 'unsent' : undefined }, false)} />
          )}
          {!isInRows ? null : (
            <ColumnChooser
              noun={noun}
              columns={layout.columns}
              opened={isChoosing}
              onOpened={setIsChoosing}
              onColumns={layout.setColumns}
              onReset={layout.reset}
            />
          )}
          {total === 0 ? null : <ExportMenu noun={noun} request={request} columns={layout.columns} wordClass={classes.wide} />}
          {isDeleted || list.deleted === 0 ? null : (
            <Button
              variant="subtle"
              color="gray"
              size="compact-md"
              aria-label={`Deleted (${formatCount(list.deleted)})`}
              leftSection={<IconTrash size={16} />}
              onClick={() => go({ show: 'deleted' }, false)}
              className={classes.deleted}
            >
              <span className={classes.wide}>Deleted&nbsp;</span>({formatCount(list.deleted)})
            </Button>
          )}
          {isDeleted ? (
            <Button
              variant="default"
              size="compact-md"
              aria-label={`Back to ${nouns[noun].plural}`}
              onClick={() => go({ show: undefined }, false)}
              className={classes.new}
            >
              Back<span className={classes.wide}>&nbsp;to {nouns[noun].plural}</span>
            </Button>
          ) : !hasForm(noun) ? null : (
            <Tooltip
              label={
                <Group gap="xs">
                  New {nouns[noun].singular} <Shortcut keys="n" />
                </Group>
              }
            >
              <Button
                size="compact-md"
                aria-label={`New ${nouns[noun].singular}`}
                leftSection={<IconPlus size={16} />}
                onClick={() => startNew(noun)}
                className={classes.new}
              >
                <span className={classes.wide}>New {nouns[noun].singular}</span>
                <span className={classes.narrow}>New</span>
              </Button>
            </Tooltip>
          )}
        </div>
      </div>
      {isDeleted ? null : (
        <ViewBar
          noun={noun}
          views={layout.views}
          view={layout.view}
          search={search}
          now={{
            search: request.search,
            filters: request.filters,
            where: request.where,
            isUnsent: search.show === 'unsent',
            sort: request.sort,
            columns: layout.columns.map(({ path }) => path),
          }}
          onChoose={(next) => void navigate({ to: '.', search: next })}
        />
      )}
      {isBuilding ? (
        <FilterBuilder
          noun={noun}
          parts={{ f: request.filters, w: request.where ?? undefined }}
          onApply={(parts) => go(parts)}
          onClose={() => {
            setIsBuilding(false);
            grid.current?.focus();
          }}
        />
      ) : null}
      <FilterChips
        noun={noun}
        // The builder shows them itself.
        filters={isBuilding ? [] : filters}
        where={isBuilding ? null : request.where}
        onBuild={build}
        onDropWhere={() => go({ w: undefined })}
        hiddenSort={
          JSON.stringify(request.sort) === JSON.stringify(layout.startingSort)
            ? []
            : request.sort.filter(({ path }) => !layout.columns.some((field) => field.path === path))
        }
        onUnsort={() => layout.setSort(request.sort.filter(({ path }) => layout.columns.some((field) => field.path === path)))}
        onEdit={setFilterDraft}
        onApply={(f) => go({ f: f.length === 0 ? undefined : f })}
      />
      {place.selected.size > 0 && isInRows ? (
        <BulkBar
          noun={noun}
          ids={place.selected}
          total={total}
          isDeleted={isDeleted}
          request={request}
          columns={layout.columns}
          onAll={() => void tickAll()}
          onDone={() => {
            select(noun, new Set(), -1);
            focusRows();
          }}
        />
      ) : null}
      {list.problem !== null && list.total === null ? (
        <Alert color="red" m="md" title="The list could not be shown">
          {say(list.problem)}
        </Alert>
      ) : list.total === 0 && !list.isStale ? (
        <NothingHere
          noun={noun}
          isDeleted={isDeleted}
          isFiltered={isFiltered || search.show === 'unsent'}
          onClear={() => go({ f: undefined, w: undefined, q: undefined, show: undefined })}
        />
      ) : shownAs === 'board' && hasBoard(noun) ? (
        <RecordBoard
          ref={board}
          noun={noun}
          // The order of the rows is the list's own: on a board only one that the address names holds.
          request={search.sort === undefined ? { ...request, sort: [] } : request}
          openId={openId}
          onOpen={(id, opening) => {
            if (opening !== null) useOpening.getState().wish(opening, id);
            open(id, openId !== null);
          }}
          onClose={closeRecord}
        />
      ) : shownAs === 'grid' ? (
        <PriceGrid
          ref={board}
          items={list}
          itemIds={async () => {
            const result = await recordApi(noun).ids(request);
            if (!result.ok) showProblem(result.error);
            return result.ok ? result.value.ids : null;
          }}
          openId={openId}
          onOpen={(id) => {
            useOpening.getState().wish('heading', id);
            open(id, openId !== null);
          }}
          onClose={openId === null && !isOpening() ? null : closeRecord}
        />
      ) : (
        <RecordGrid
          ref={grid}
          screen={screen}
          list={list}
          columns={layout.columns}
          widths={layout.widths}
          sort={request.sort}
          rowHeight={rowHeights[density]}
          cursor={place.index}
          openId={openId}
          selected={place.selected}
          favourites={favourites}
          isAllSelected={isAllTicked}
          onSort={layout.setSort}
          onColumns={layout.setColumns}
          onWidths={layout.setWidths}
          onFilter={(field) => setFilterDraft(newFilter(field, filters.length, true))}
          onOpen={(index) => {
            move(noun, index);
            openRow(index, openId !== null);
          }}
          onTick={(index, extend) => void tick(index, extend)}
          onTickAll={() => void tickAll()}
          onStar={(index) => {
            star(index);
            focusRows();
          }}
          onCursor={(index) => {
            move(noun, index);
            grid.current?.scrollTo(index);
          }}
          onKeyDown={onKeyDown}
          onFocusByKeys={() => {
            if (place.index < 0) move(noun, 0);
          }}
        />
      )}
    </section>
  );
}

/** Narrows the list to what no server has yet; there while the book has a server and something waits. */
function UnsentToggle({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }) {
  const server = useStatus()?.server ?? 'none';
  const count = server === 'none' ? 0 : server.waiting;
  if (!isOn && count === 0) return null;
  return (
    <Button
      variant={isOn ? 'light' : 'default'}
      size="compact-md"
      aria-label="Not sent yet"
      title="Not sent yet"
      aria-pressed={isOn}
      leftSection={<IconCloudUp size={16} />}
      onClick={() => onChange(!isOn)}
    >
      <span className={classes.wide}>Not sent yet</span>
    </Button>
  );
}

/** Filters while it is typed. The address is replaced, so that Back does not step through letters. */
function QuickFilter({
  value,
  plural,
  onChange,
  onDown,
  ref,
}: {
  value: string;
  plural: string;
  onChange: (text: string) => void;
  onDown: () => void;
  ref: React.Ref<HTMLInputElement>;
}) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  const type = (next: string) => {
    setText(next);
    sent.current = next;
    onChange(next);
  };
  return (
    <TextInput
      ref={ref}
      size="xs"
      className={classes.quick}
      aria-label={`Filter ${plural}`}
      placeholder={`Filter ${plural}`}
      leftSection={<IconListSearch size={15} />}
      rightSection={text === '' ? null : <CloseButton size="xs" aria-label="Clear the filter text" onClick={() => type('')} />}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'Enter') {
          event.preventDefault();
          onDown();
        } else if (event.key === 'Escape' && text !== '') {
          event.preventDefault();
          type('');
        }
      }}
    />
  );
}

function NothingHere({
  noun,
  isDeleted,
  isFiltered,
  onClear,
}: {
  noun: NounName;
  isDeleted: boolean;
  isFiltered: boolean;
  onClear: () => void;
}) {
  const screen = nounScreens[noun];
  const navigate = useNavigate();
  const startNew = useNewRecord((state) => state.start);
  if (isFiltered) {
    return (
      <EmptyPlace
        icon={<IconSearchOff size={24} />}
        title={`No ${nouns[noun].plural} match`}
        actions={
          <Button variant="default" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        Nothing in this list has everything you asked for. Loosen a filter, or search in everything with <Shortcut keys="mod+k" />.
      </EmptyPlace>
    );
  }
  if (isDeleted) {
    return (
      <EmptyPlace icon={<IconTrashOff size={24} />} title="Nothing is deleted">
        What you delete is kept here and can be restored, with everything that belongs to it.
      </EmptyPlace>
    );
  }
  if (!hasForm(noun)) {
    return (
      <EmptyPlace icon={screen.icon} title={`No ${nouns[noun].plural} yet`}>
        {screen.purpose}
      </EmptyPlace>
    );
  }
  return (
    <EmptyPlace
      icon={screen.icon}
      title={`No ${nouns[noun].plural} yet`}
      actions={
        <>
          <Button leftSection={<IconPlus size={16} />} onClick={() => startNew(noun)}>
            New {nouns[noun].singular}
          </Button>
          {isImportNoun(noun) ? (
            <Button variant="default" leftSection={<IconUpload size={16} />} onClick={() => void navigate({ to: '/import' })}>
              Import a file
            </Button>
          ) : null}
        </>
      }
    >
      {screen.purpose}
    </EmptyPlace>
  );
}
