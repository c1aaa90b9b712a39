import { Modal } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from 'react';
import { KeepFocus } from './keep-focus.tsx';

interface DialogProps {
  title: ReactNode;
  size: number;
  onClose: () => void;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  children: ReactNode;
}

/** A dialog that is there as long as it is drawn, and gives the focus back when it goes. */
export function Dialog({ title, size, onClose, onKeyDown, children }: DialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={size}
      padding="md"
      transitionProps={{ duration: 0 }}
      {...(onKeyDown === undefined ? {} : { onKeyDown })}
    >
      <KeepFocus />
      {children}
      <FocusAtOnce />
    </Modal>
  );
}

/** The dialog has the focus as soon as it is seen: a key that comes quickly is not the page's behind it. */
function FocusAtOnce() {
  const here = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const dialog = here.current?.closest('[role="dialog"]');
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
  }, []);
  return <span ref={here} hidden />;
}
