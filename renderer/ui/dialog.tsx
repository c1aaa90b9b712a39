import { Modal } from '@mantine/core';
import type { KeyboardEvent, ReactNode } from 'react';
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
    </Modal>
  );
}
