import type { ProgramWords } from './program-words.ts';

export const english: ProgramWords = {
  columns: {
    line2: ['Home Address 2', 'Work Address 2'],
    birthYear: ['Birth Year'],
    birthMonth: ['Birth Month'],
    birthDay: ['Birth Day'],
    workPhone: ['Phone - Work', 'Person - Phone - Work'],
    mobilePhone: ['Phone - Mobile', 'Person - Phone - Mobile'],
    secondEmail: ['Email - Other', 'Email - Home'],
    email: ['Email - Work'],
  },
  addresses: {},
  dates: [],
  entities: { person: 'Person', organisation: 'Organization' },
};
