import { Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useSettings } from '../../api/live.ts';
import { Shortcut } from '../../ui/shortcut.tsx';
import { actionIds, actions, type ActionInfo, useAction } from './actions.ts';
import classes from './keys-overlay.module.css';

/** Keys that belong to what has the focus and to no action. */
const inPlace: { title: string; keys: { keys: string[]; label: string }[] }[] = [
  {
    title: 'In a list',
    keys: [
      { keys: ['up', 'down'], label: 'Move' },
      { keys: ['enter'], label: 'Open' },
      { keys: ['left', 'right'], label: 'Go to a cell of the row' },
      { keys: ['F2'], label: 'Edit the cell; Tab goes on to the next' },
      { keys: ['Space'], label: 'Select the row' },
      { keys: ['shift+down'], label: 'Select on the way' },
      { keys: ['mod+a'], label: 'Select all' },
      { keys: ['Delete'], label: 'Delete what is selected, or the row' },
      { keys: ['esc'], label: 'Close the record, clear the selection' },
    ],
  },
  {
    title: 'On a board',
    keys: [
      { keys: ['left', 'right'], label: 'Go to the next column' },
      { keys: ['shift+left', 'shift+right'], label: 'Move the card to the next column' },
      { keys: ['Space'], label: 'Lift the card, put it down' },
      { keys: ['esc'], label: 'Leave the card where it was' },
    ],
  },
  {
    title: 'While editing',
    keys: [
      { keys: ['enter'], label: 'Save the field' },
      { keys: ['esc'], label: 'Take back' },
      { keys: ['mod+enter'], label: 'Save the form, or a long text' },
      { keys: ['mod+shift+enter'], label: 'Save and start another' },
    ],
  },
];

/** All the keys, with `?`. */
export function KeysOverlay() {
  const [isOpen, setIsOpen] = useState(false);
  const isOff = useSettings()?.singleKeys === false;
  useAction('keys', () => setIsOpen(true));
  const groups = (['Everywhere', 'Go to', 'List and record', 'Calendar'] as const).map((title) => ({
    title,
    keys: actionIds
      .map((id) => actions[id] as ActionInfo)
      .filter((info) => info.group === title && info.keys.length > 0)
      .map((info) => ({ keys: [...info.keys], label: info.label })),
  }));
  return (
    <Modal opened={isOpen} onClose={() => setIsOpen(false)} title="Keys" size={760}>
      {isOff ? (
        <Text size="sm" c="dimmed" mb="sm">
          Keys of one letter are switched off in the settings.
        </Text>
      ) : null}
      <div className={classes.groups}>
        {[...groups, ...inPlace].map((group) => (
          <section key={group.title} aria-label={group.title} className={classes.group}>
            <h3 className={classes.title}>{group.title}</h3>
            <dl>
              {group.keys.map(({ keys, label }) => (
                <div key={label} className={classes.row}>
                  <dt>{label}</dt>
                  <dd className={classes.keys}>
                    {keys.map((one, at) => (
                      <span key={one}>
                        {at === 0 ? null : <span className={classes.or}>or </span>}
                        <Shortcut keys={one} />
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
