import { Button } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { useRef } from 'react';
import { actions, useAction } from '../keys/actions.ts';
import { telLink } from '../../ui/phone-link.ts';
import { Shortcut } from '../../ui/shortcut.tsx';

interface DialProps {
  phone: string;
  variant: 'filled' | 'default';
  size?: 'sm' | 'compact-md';
}

/** Has the system's phone dial, by the button or its key. A link: it leaves through the one door there is for links. */
export function Dial({ phone, variant, size = 'sm' }: DialProps) {
  const link = useRef<HTMLAnchorElement>(null);
  const href = telLink(phone);
  useAction('call', href === null ? null : () => link.current?.click());
  if (href === null) return null;
  return (
    <Button
      ref={link}
      component="a"
      href={href}
      target="_blank"
      rel="noreferrer"
      variant={variant}
      size={size}
      leftSection={<IconPhone size={16} />}
      rightSection={<Shortcut keys={actions.call.keys[0]} />}
    >
      Call
    </Button>
  );
}
