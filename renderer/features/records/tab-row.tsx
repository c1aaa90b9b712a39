import { Menu, Tabs } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { formatCount } from '../../ui/field-text.ts';
import classes from './tab-row.module.css';

export interface TabOfRow {
  value: string;
  label: string;
  count?: number;
}

/**
 * The tabs of a record in one row. Those that have no room are out of sight, not away: the arrow keys and a screen reader walk
 * through all, and "More" names the ones that are out of sight.
 */
export function TabRow({ tabs, value, onChange }: { tabs: readonly TabOfRow[]; value: string; onChange: (value: string) => void }) {
  const list = useRef<HTMLDivElement>(null);
  const [outOfSight, setOutOfSight] = useState<ReadonlySet<string>>(new Set());
  const names = tabs.map((tab) => tab.value).join(' ');

  useEffect(() => {
    const root = list.current;
    if (root === null) return;
    const observer = new IntersectionObserver(
      (entries) =>
        setOutOfSight((before) => {
          const next = new Set(before);
          for (const { target, intersectionRatio } of entries) {
            const name = (target as HTMLElement).dataset['tab'] ?? '';
            if (intersectionRatio > 0.95) next.delete(name);
            else next.add(name);
          }
          return next;
        }),
      { root, threshold: [0.5, 0.96] },
    );
    for (const tab of root.querySelectorAll('[data-tab]')) observer.observe(tab);
    return () => {
      observer.disconnect();
      setOutOfSight(new Set());
    };
  }, [names]);

  useEffect(() => {
    list.current?.querySelector(`[data-tab="${CSS.escape(value)}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [value, names]);

  const hidden = tabs.filter((tab) => outOfSight.has(tab.value));
  return (
    <div className={classes.row}>
      <Tabs.List ref={list} className={classes.list}>
        {tabs.map(({ value: name, label, count = 0 }) => (
          <Tabs.Tab
            key={name}
            value={name}
            data-tab={name}
            data-out={outOfSight.has(name) || undefined}
            rightSection={count === 0 ? null : <Count of={count} />}
          >
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {hidden.length === 0 ? null : (
        <Menu position="bottom-end" withinPortal returnFocus>
          <Menu.Target>
            <button type="button" className={classes.more} aria-label="More tabs">
              More <IconChevronDown size={14} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {hidden.map(({ value: name, label, count = 0 }) => (
              <Menu.Item key={name} rightSection={count === 0 ? null : <Count of={count} />} onClick={() => onChange(name)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

function Count({ of }: { of: number }) {
  return <span className={classes.number}>{formatCount(of)}</span>;
}
