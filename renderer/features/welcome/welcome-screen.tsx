import { Button, Loader } from '@mantine/core';
import { IconBuildingPlus, IconEye, IconFileImport, IconServer } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { book } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { useNewRecord } from '../records/new-record-state.ts';
import classes from './welcome-screen.module.css';

/** The first thing a new book shows: the ways to put something in it. */
export function WelcomeScreen() {
  const navigate = useNavigate();
  const startNew = useNewRecord((state) => state.start);
  const [isAdding, setIsAdding] = useState(false);
  const addSample = async () => {
    setIsAdding(true);
    const result = await book.addSample();
    setIsAdding(false);
    if (!result.ok) return showProblem(result.error);
    announce(`Sample data added: ${formatCount(result.value.clients)} clients`);
    void navigate({ to: '/$noun', params: { noun: 'clients' }, search: {} });
  };
  return (
    <div className={classes.welcome}>
      <div className={classes.inner}>
        <h1 className={classes.title}>Your book is empty</h1>
        <p className={classes.lead}>
          Fieldbook keeps your clients, their people and their places. Everything stays on this laptop and works without a network. How
          would you like to begin?
        </p>
        <ul className={classes.ways}>
          <Way
            icon={<IconFileImport size={22} />}
            title="Bring a list"
            text="A CSV or Excel file, or vCards from your phone. Columns are matched for you, and the whole import can be undone."
          >
            <Button onClick={() => void navigate({ to: '/import' })}>Import a file</Button>
          </Way>
          <Way
            icon={<IconBuildingPlus size={22} />}
            title="Start by hand"
            text="A name is enough to begin with. Everything else can be added when you know it."
          >
            <Button variant="default" onClick={() => startNew('clients')}>
              New client
            </Button>
          </Way>
          <Way
            icon={<IconServer size={22} />}
            title="Connect to a server"
            text="Your organisation has a Fieldbook server, or a system it already uses: its clients come here, and your work goes there."
          >
            <Button variant="default" onClick={() => void navigate({ to: '/connect', search: {} })}>
              Connect
            </Button>
          </Way>
          <Way
            icon={<IconEye size={22} />}
            title="Look around first"
            text="A few made-up clients to try things on. They go in one step; what you edited stays."
          >
            <Button
              variant="default"
              disabled={isAdding}
              leftSection={isAdding ? <Loader size={14} /> : undefined}
              onClick={() => void addSample()}
            >
              Add sample data
            </Button>
          </Way>
        </ul>
        <p className={classes.drop}>You can also drop a file anywhere on this window.</p>
      </div>
    </div>
  );
}

function Way({ icon, title, text, children }: { icon: ReactNode; title: string; text: string; children: ReactNode }) {
  return (
    <li className={classes.way}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <h2 className={classes.wayTitle}>{title}</h2>
      <p className={classes.wayText}>{text}</p>
      {children}
    </li>
  );
}
