import { Button, Checkbox, Group, Menu, Stack, TextInput } from '@mantine/core';
import { IconChevronDown, IconPencil, IconPin, IconPinnedOff, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { useAction } from '../keys/actions.ts';
import type { ListSearch } from './list-search.ts';
import {
  asksForSomething,
  changeView,
  deleteView,
  isChanged,
  type ListAsItStands,
  type NamedView,
  saveAsNew,
  searchOfView,
} from './saved-views.ts';
import classes from './view-bar.module.css';
import { words } from '../../../shared/words/words.ts';

interface ViewBarProps {
  noun: NounName;
  views: readonly NamedView[];
  view: NamedView | null;
  search: ListSearch;
  /** The list as it stands, to be kept. */
  now: ListAsItStands;
  /** Goes to another address of this list: the search is replaced whole. */
  onChoose: (search: ListSearch) => void;
}

type Asked = { what: 'new' } | { what: 'rename'; view: NamedView };

/** The saved views of a list, and what can be done with the one that is on. Not there while there is nothing to choose or to save. */
export function ViewBar({ noun, views, view, search, now, onChoose }: ViewBarProps) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  useAction('saveView', () => setAsked({ what: 'new' }));
  const dialog =
    asked === null ? null : (
      <NameDialog
        noun={noun}
        view={asked.what === 'rename' ? asked.view : null}
        onClose={() => setAsked(null)}
        onSave={async (name, isPinned) => {
          if (asked.what === 'rename')
            return changeView(asked.view, { name, isPinned }, `View "${asked.view.name}" is called "${name}" now`);
          const { view: made, problem } = await saveAsNew(noun, now, name, isPinned);
          if (made !== null) onChoose(searchOfView(made));
          return problem;
        }}
        onSaved={() => focusSoon(bar, '[aria-current]')}
      />
    );
  const isAsking = asksForSomething(search);
  if (views.length === 0 && !isAsking) return dialog;
  const hasChanged = view !== null && isChanged(view, search);
  const save = async (changed: NamedView) => {
    const problem = await changeView(changed, now, `View "${changed.name}" saved as the list is now`);
    if (problem !== null) return showProblem({ code: 'UNEXPECTED', ...words('said.text', { text: problem }) });
    onChoose(searchOfView({ ...changed, ...now }));
    focusSoon(bar, '[aria-current]');
  };
  return (
    <div ref={bar} className={classes.bar}>
      <ul className={classes.views} aria-label={`Views of ${nouns[noun].plural}`}>
        <li>
          <button type="button" className={classes.view} aria-current={view === null ? 'true' : undefined} onClick={() => onChoose({})}>
            All {nouns[noun].plural}
          </button>
        </li>
        {views.map((one) => (
          <li key={one.id} className={classes.item} data-on={one.id === view?.id ? true : undefined}>
            <button
              type="button"
              className={classes.view}
              aria-current={one.id === view?.id ? 'true' : undefined}
              onClick={() => onChoose(searchOfView(one))}
            >
              <span className={classes.name}>{one.name}</span>
              {one.isPinned ? <IconPin size={14} className={classes.pin} aria-hidden /> : null}
            </button>
            {one.id === view?.id ? (
              <ViewMenu
                view={one}
                onRename={() => setAsked({ what: 'rename', view: one })}
                onDeleted={() => {
                  onChoose({});
                  focusSoon(bar, 'button');
                }}
              />
            ) : null}
          </li>
        ))}
      </ul>
      <div className={classes.tools}>
        {view === null ? (
          isAsking ? (
            <Button variant="subtle" size="compact-sm" onClick={() => setAsked({ what: 'new' })}>
              Save view
            </Button>
          ) : null
        ) : hasChanged ? (
          <>
            <span className={classes.changed}>Changed</span>
            <Button variant="subtle" size="compact-sm" onClick={() => void save(view)}>
              Save
            </Button>
            <Button variant="subtle" size="compact-sm" onClick={() => setAsked({ what: 'new' })}>
              Save as new
            </Button>
            <Button
              variant="subtle"
              size="compact-sm"
              onClick={() => {
                onChoose(searchOfView(view));
                focusSoon(bar, '[aria-current]');
              }}
            >
              Put back
            </Button>
          </>
        ) : null}
      </div>
      {dialog}
    </div>
  );
}

/** The button that was pressed goes with what it did: on to what is there in its place. */
function focusSoon(bar: React.RefObject<HTMLDivElement | null>, selector: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => bar.current?.querySelector<HTMLElement>(selector)?.focus()));
}

function ViewMenu({ view, onRename, onDeleted }: { view: NamedView; onRename: () => void; onDeleted: () => void }) {
  const pin = async () => {
    const said = view.isPinned ? `View "${view.name}" is not in the navigation any more` : `View "${view.name}" is in the navigation now`;
    const problem = await changeView(view, { isPinned: !view.isPinned }, said);
    if (problem !== null) showProblem({ code: 'UNEXPECTED', ...words('said.text', { text: problem }) });
  };
  return (
    <Menu position="bottom-start" withinPortal returnFocus>
      <Menu.Target>
        <button type="button" className={classes.menu} aria-label={`View ${view.name}`}>
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={15} />} onClick={onRename}>
          Rename
        </Menu.Item>
        <Menu.Item leftSection={view.isPinned ? <IconPinnedOff size={15} /> : <IconPin size={15} />} onClick={() => void pin()}>
          {view.isPinned ? 'Take out of the navigation' : 'Pin in the navigation'}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconTrash size={15} />}
          onClick={() => {
            void deleteView(view).then((isDeleted) => {
              if (isDeleted) onDeleted();
            });
          }}
        >
          Delete the view
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface NameDialogProps {
  noun: NounName;
  /** The one that gets another name; null for a new one. */
  view: NamedView | null;
  onClose: () => void;
  /** Answers why it could not be saved. */
  onSave: (name: string, isPinned: boolean) => Promise<string | null>;
  onSaved: () => void;
}

function NameDialog({ noun, view, onClose, onSave, onSaved }: NameDialogProps) {
  const [name, setName] = useState(view?.name ?? '');
  const [isPinned, setIsPinned] = useState(view?.isPinned ?? false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return setProblem('Write a name.');
    const refused = await onSave(name.trim(), isPinned);
    if (refused !== null) return setProblem(refused);
    onClose();
    onSaved();
  };
  return (
    <Dialog
      title={view === null ? `Save this list of ${nouns[noun].plural} as a view` : `Rename ${view.name}`}
      size={420}
      onClose={onClose}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <TextInput
            label="Name"
            data-autofocus
            autoComplete="off"
            maxLength={60}
            value={name}
            error={problem}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setProblem(null);
            }}
          />
          <Checkbox label="Pin in the navigation" checked={isPinned} onChange={(event) => setIsPinned(event.currentTarget.checked)} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">{view === null ? 'Save view' : 'Rename'}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
