import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import type { MailTemplate } from '../../../shared/mail/mail-template.ts';
import classes from './mail.module.css';

interface TemplateListProps {
  templates: readonly MailTemplate[];
  onChoose: (template: MailTemplate) => void;
  onClose: () => void;
}

/** Templates to choose from. It has the focus as soon as it is there: a key that comes quickly chooses, and does not send the e-mail behind it. */
export function TemplateList({ templates, onChoose, onClose }: TemplateListProps) {
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => list.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    const last = templates.length - 1;
    const steps: Record<string, number> = { ArrowDown: Math.min(last, at + 1), ArrowUp: Math.max(0, at - 1), Home: 0, End: last };
    const chosen = templates[at];
    const step = steps[event.key];
    if (step !== undefined) setAt(step);
    else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && chosen !== undefined) onChoose(chosen);
    else if (event.key === 'Escape') onClose();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      // A letter goes to the next one that begins with it.
      const order = [...templates.slice(at + 1), ...templates.slice(0, at + 1)];
      const next = order.find(({ name }) => name.toLowerCase().startsWith(event.key.toLowerCase()));
      if (next !== undefined) setAt(templates.indexOf(next));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={list}
      role="listbox"
      tabIndex={0}
      aria-label="Templates"
      aria-activedescendant={`mail-template-${at}`}
      className={classes.templates}
      data-mantine-stop-propagation
      data-autofocus
      onKeyDown={onKeyDown}
      onBlur={onClose}
    >
      {templates.map((template, index) => (
        <div
          key={template.id}
          id={`mail-template-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(template);
          }}
        >
          {template.name} <small>{template.subject}</small>
        </div>
      ))}
    </div>
  );
}
