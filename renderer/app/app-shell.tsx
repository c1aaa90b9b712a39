import { useMantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { changeSettings, settingsNow, useSettings } from '../api/live.ts';
import { redo, undo } from '../features/history/undo.tsx';
import { useAction } from '../features/keys/actions.ts';
import { useHotkeys } from '../features/keys/hotkeys.ts';
import { KeysOverlay } from '../features/keys/keys-overlay.tsx';
import { ComposeDialog } from '../features/mail/compose-dialog.tsx';
import { useOpenSetPrices } from '../features/prices/set-prices-state.ts';
import { NewRecordForm } from '../features/records/new-record-form.tsx';
import { useListState } from '../features/records/list-state.ts';
import { RemovalDialog } from '../features/records/removal-dialog.tsx';
import { useNewRecord } from '../features/records/new-record-state.ts';
import { QuickTask } from '../features/tasks/quick-task.tsx';
import { useOpening } from '../features/records/opening-state.ts';
import { focusContent, keepFocusInPage } from '../ui/last-focus.ts';
import { Announcer } from '../ui/announcer.tsx';
import classes from './app-shell.module.css';
import { ConnectionOverlay } from './connection-overlay.tsx';
import { useDroppedFile } from './dropped-file.ts';
import { Notices } from './notices.tsx';
import { SideNav } from './side-nav.tsx';
import { StatusLine } from './status-line.tsx';
import { TopBar } from './top-bar.tsx';

/** The frame around every screen: places on the left, search above, the state of the book below. */
export function AppShell() {
  useHotkeys();
  useEffect(() => keepFocusInPage(), []);
  useLook();
  useEverywhereActions();
  const isDragging = useFileDrop();
  return (
    <div className={classes.shell}>
      <a
        href="#main"
        className={classes.skip}
        onClick={(event) => {
          // The address is the router's: the link moves the focus and nothing else.
          event.preventDefault();
          focusContent();
        }}
      >
        Skip to the content
      </a>
      <TopBar />
      <SideNav />
      <main id="main" className={classes.main} tabIndex={-1}>
        <Notices />
        <div className={classes.content}>
          <Outlet />
        </div>
      </main>
      <StatusLine />
      <NewRecordForm />
      <QuickTask />
      <ComposeDialog />
      <RemovalDialog />
      <KeysOverlay />
      <ConnectionOverlay />
      <Announcer />
      <Notifications position="bottom-left" limit={3} className={classes.toasts} />
      {isDragging ? (
        <div className={classes.dropping} aria-hidden>
          Drop the file to import it
        </div>
      ) : null}
    </div>
  );
}

/** Colours and row heights as they are set. */
function useLook(): void {
  const settings = useSettings();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = settings?.colorScheme;
  useEffect(() => {
    if (scheme !== undefined) setColorScheme(scheme);
  }, [scheme, setColorScheme]);
  const density = settings?.density ?? 'dense';
  useEffect(() => {
    document.documentElement.dataset['density'] = density;
  }, [density]);
}

function useEverywhereActions(): void {
  const navigate = useNavigate();
  const startNew = useNewRecord((state) => state.start);
  const openSetPrices = useOpenSetPrices();
  const goTo = (noun: NounName) => {
    const here = document.querySelector<HTMLElement>(`[data-list="${noun}"]`);
    if (here === null) useOpening.getState().wish('list', noun);
    else here.focus();
    // Once more from the list itself is all of it.
    void navigate({ to: '/$noun', params: { noun }, search: here === null ? useListState.getState().left[noun] : {} });
  };
  useAction('undo', () => void undo());
  useAction('redo', () => void redo());
  useAction('newHere', () => startNew('clients'));
  useAction('newClient', () => startNew('clients'));
  useAction('newContact', () => startNew('contacts'));
  useAction('newLocation', () => startNew('locations'));
  useAction('newItemPrice', () => startNew('itemPrices'));
  useAction('newOpportunity', () => startNew('opportunities'));
  useAction('newCase', () => startNew('cases'));
  useAction('newTask', () => startNew('tasks'));
  useAction('newInvoice', () => startNew('invoices'));
  useAction('setPrices', () => openSetPrices({}));
  useAction('newPerson', () => startNew('directory'));
  useAction('goClients', () => goTo('clients'));
  useAction('goContacts', () => goTo('contacts'));
  useAction('goLocations', () => goTo('locations'));
  useAction('goPrices', () => goTo('itemPrices'));
  useAction('goOpportunities', () => goTo('opportunities'));
  useAction('goCases', () => goTo('cases'));
  useAction('goTasks', () => goTo('tasks'));
  useAction('goInvoices', () => goTo('invoices'));
  useAction('goDirectory', () => goTo('directory'));
  useAction('goActivities', () => goTo('activities'));
  useAction('goImport', () => void navigate({ to: '/import' }));
  useAction('goReports', () => void navigate({ to: '/reports' }));
  useAction('goCalendar', () => void navigate({ to: '/calendar' }));
  useAction('goToday', () => void navigate({ to: '/today' }));
  useAction('goOutbox', () => void navigate({ to: '/outbox' }));
  useAction('goDuplicates', () => void navigate({ to: '/duplicates' }));
  useAction('goOwnPrices', () => goTo('locationItemPrices'));
  useAction('goRoles', () => goTo('locationContacts'));
  useAction('goOwnFields', () => goTo('ownFields'));
  useAction('goTags', () => void navigate({ to: '/tags' }));
  useAction('goBackups', () => void navigate({ to: '/backups' }));
  useAction('goSync', () => void navigate({ to: '/sync' }));
  useAction('goConnect', () => void navigate({ to: '/connect', search: {} }));
  useAction('goReceipts', () => void navigate({ to: '/receipts' }));
  useAction('goSettings', () => void navigate({ to: '/settings' }));
  useAction('toggleTheme', () => {
    const isDark = document.documentElement.dataset['mantineColorScheme'] === 'dark';
    if (settingsNow() !== null) void changeSettings({ colorScheme: isDark ? 'light' : 'dark' });
  });
}

/** Places that take a dropped file themselves. */
function isTakenThere(event: DragEvent): boolean {
  return event.target instanceof Element && event.target.closest('[data-takes-files]') !== null;
}

/** A file dropped anywhere else goes to the import, which takes it from `useDroppedFile`. */
function useFileDrop(): boolean {
  const navigate = useNavigate();
  const [isDragging, setIsDragging] = useState(false);
  useEffect(() => {
    const carriesFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      setIsDragging(!isTakenThere(event));
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsDragging(false);
    };
    const onDrop = (event: DragEvent) => {
      setIsDragging(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0 || isTakenThere(event)) return;
      event.preventDefault();
      useDroppedFile.getState().drop(files);
      void navigate({ to: '/import' });
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [navigate]);
  return isDragging;
}
