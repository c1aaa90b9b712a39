import { Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import classes from './setting-row.module.css';

interface SettingRowProps {
  label: string;
  text: string;
  /** The control the label belongs to. */
  htmlFor?: string;
  isPath?: boolean;
  children?: ReactNode;
}

/** One setting: what it is called, what it does, and the control that changes it. */
export function SettingRow({ label, text, htmlFor, isPath, children }: SettingRowProps) {
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        {htmlFor === undefined ? (
          <span className={classes.label}>{label}</span>
        ) : (
          <label htmlFor={htmlFor} className={classes.label}>
            {label}
          </label>
        )}
        <Text size="sm" c="dimmed" className={isPath === true ? classes.path : undefined}>
          {text}
        </Text>
      </div>
      {children}
    </div>
  );
}

interface TextSettingProps {
  label: string;
  text: string;
  max: number;
  /** Lines of a text that has more than one. */
  rows?: number;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
}

/** A text that is saved when it is left or with Enter; Esc takes back. */
export function TextSetting({ label, text, max, rows, placeholder, value, onChange }: TextSettingProps) {
  const [typed, setTyped] = useState(value);
  const id = useId();
  const save = () => {
    if (typed.trim() !== value) onChange(typed.trim());
  };
  const shared = { id, size: 'xs', w: 260, maxLength: max, value: typed, onBlur: save, dir: 'auto', placeholder } as const;
  return (
    <SettingRow label={label} text={text} htmlFor={id}>
      {rows === undefined ? (
        <TextInput
          {...shared}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') save();
            if (event.key === 'Escape') setTyped(value);
          }}
        />
      ) : (
        <Textarea {...shared} rows={rows} onChange={(event) => setTyped(event.currentTarget.value)} />
      )}
    </SettingRow>
  );
}
