import type { ProgramWords } from './program-words.ts';

export const portuguese: ProgramWords = {
  columns: {
    company: ['Nome da conta', 'Conta', 'Empresa relacionada', 'Empresa associada'],
    person: ['Nome do contato', 'Nome do contacto'],
    email: ['E-mail primário', 'E-mail - Trabalho'],
    secondEmail: ['Outro e-mail', 'E-mail - Casa', 'E-mail - Outro', 'E-mail - Residencial', 'E-mail - Outros'],
    phone: ['Telefone residencial', 'Residencial', 'Número de telefone', 'Telefone - Casa'],
    workPhone: ['Telefone - Trabalho'],
    mobilePhone: [
      'Número celular',
      'Número do celular',
      'Número de celular',
      'Telefone - Celular',
      'Telefone - Móvel',
      'Número de telefone celular',
    ],
    secondPhone: ['Outro Telefone', 'Telefone - Outro', 'Telefone - Outros'],
    website: ['Página da web 1', 'URL do site', 'Link do site'],
    salutation: ['Saudação', 'Tratamento'],
    country: ['País/região'],
    line2: ['Endereço 2', 'Rua 2'],
    region: ['Estado/Região', 'Estado/Província', 'Província', 'Estado ou região'],
    birthYear: ['Ano de nascimento'],
    birthMonth: ['Mês de nascimento'],
    doNotCall: ['Não telefonar'],
    tags: ['Marcadores'],
  },
  addresses: {
    billing: ['Endereço de cobrança', 'de cobrança'],
    shipping: ['Endereço de entrega'],
    mailing: ['Endereço de correspondência', 'Endereço postal', 'de correspondência', 'para correspondência'],
    primary: ['Endereço principal', 'Principal'],
    other: ['Alternativo', 'Outro endereço'],
    business: ['Endereço de trabalho', 'de trabalho'],
  },
  entities: { person: 'Pessoa', organisation: 'Organização' },
  dates: ['data de', 'data do', 'nascimento', 'aniversario', 'criacao', 'ultimo'],
  names: ['Apresentar como'],
  beside: [
    { beside: 'Mês de nascimento', column: 'Nascimento', means: 'birthDay' },
    // Where there is a "Sobrenome", "Apelido" is what friends say, and a "Setor" beside it is where somebody works.
    { beside: 'Sobrenome', column: 'Apelido', means: null },
    { beside: 'Apresentar como', column: 'Setor', means: 'department' },
  ],
};
