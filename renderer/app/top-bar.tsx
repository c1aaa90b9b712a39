import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconKeyboard, IconPlus } from '@tabler/icons-react';
import { type NounName, placeNouns, nouns } from '../../shared/nouns/nouns.ts';
import { useUndoState } from '../api/live.ts';
import { commandWords } from '../features/history/command-words.ts';
import { redo, undo } from '../features/history/undo.tsx';
import { actions, runAction } from '../features/keys/actions.ts';
import { useNewRecord } from '../features/records/new-record-state.ts';
import { hasForm, nounScreens } from '../features/records/noun-screens.tsx';
import { SearchBox } from '../features/search/search-box.tsx';
import { Shortcut } from '../ui/shortcut.tsx';
import classes from './top-bar.module.css';

export function TopBar() {
  const state = useUndoState();
  const startNew = useNewRecord((store) => store.start);
  const undoable = state?.undo ?? null;
  const redoable = state?.redo ?? null;
  const whatUndo = undoable === null ? 'Nothing to undo' : `Undo: ${commandWords(undoable.command, undoable.records).toLowerCase()}`;
  const whatRedo = redoable === null ? 'Nothing to redo' : `Redo: ${commandWords(redoable.command, redoable.records).toLowerCase()}`;
  return (
    <header className={classes.bar}>
      <span className={classes.name}>
        <Mark />
        <span className={classes.word}>Fieldbook</span>
      </span>
      <SearchBox />
      <div className={classes.tools} role="toolbar" aria-label="Book">
        <Tooltip label={<Tip text={whatUndo} keys={actions.undo.keys[0]} />}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={32}
            aria-label={whatUndo}
            disabled={undoable === null}
            onClick={() => void undo()}
          >
            <IconArrowBackUp size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={<Tip text={whatRedo} keys={actions.redo.keys[0]} />}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={32}
            aria-label={whatRedo}
            disabled={redoable === null}
            onClick={() => void redo()}
          >
            <IconArrowForwardUp size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={<Tip text="Keys" keys={actions.keys.keys[0]} />}>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label="Show the keys" onClick={() => runAction('keys')}>
            <IconKeyboard size={18} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="light" size={32} aria-label="New record">
              <IconPlus size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {placeNouns.filter(hasForm).map((noun: NounName) => (
              <Menu.Item key={noun} leftSection={nounScreens[noun].icon} onClick={() => startNew(noun)}>
                New {nouns[noun].singular}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </header>
  );
}

function Tip({ text, keys }: { text: string; keys: string }) {
  return (
    <span className={classes.tip}>
      {text} <Shortcut keys={keys} />
    </span>
  );
}

/** The sign of Fieldbook: an open book with a furrowed field for its pages. */
function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true" className={classes.mark}>
      <path d="M3 5.5C6 4.2 9.3 4.4 12 6.2c2.7-1.8 6-2 9-.7v13c-3-1.3-6.3-1.1-9 .7-2.7-1.8-6-2-9-.7z" fill="currentColor" />
      <path
        d="M12 6.5v12.4M5.6 9.2c1.5-.3 3-.1 4.3.5M5.6 12.2c1.5-.3 3-.1 4.3.5M14.1 9.7c1.3-.6 2.8-.8 4.3-.5M14.1 12.7c1.3-.6 2.8-.8 4.3-.5"
        fill="none"
        stroke="var(--fb-frame)"
        strokeWidth="1.3"
        strokeLinecap="round"
      />
    </svg>
  );
}
