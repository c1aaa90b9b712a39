import { IconUsersGroup } from '@tabler/icons-react';
import type { DirectoryView } from '../../../shared/contracts/record.contract.ts';
import { directoryKinds, userRoles } from '../../../shared/nouns/directory/directory.ts';
import { Fact } from '../../ui/fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const directoryScreen: NounScreen = {
  noun: 'directory',
  title: 'People and teams',
  icon: <IconUsersGroup size={18} stroke={1.75} />,
  purpose: 'The people of your own company and their teams: who owns a client, whom work is assigned to.',
  formFields: ['kind', 'fullName', 'name', 'email', 'role', 'memberIds'],
  tones: { kind: { user: 'blue', team: 'violet' } },
  Facts: ({ record }) => {
    const entry = record as DirectoryView;
    return (
      <>
        <Fact>{directoryKinds[entry.kind]}</Fact>
        {entry.kind === 'user' ? <Fact>{userRoles[entry.role]}</Fact> : null}
        {entry.kind === 'team' ? <Fact>{entry.memberIds.length === 1 ? '1 member' : `${entry.memberIds.length} members`}</Fact> : null}
        {entry.isActive ? null : <Fact>Not active</Fact>}
      </>
    );
  },
};
