#!/usr/bin/env node
// Stands in for fpm, which makes deb and rpm packages: notes what it was asked and copies the texts that would go in.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

const args = process.argv.slice(2);
const after = (option) => args[args.indexOf(option) + 1];
const mappings = Object.fromEntries(args.filter((arg) => arg.includes('=/')).map((arg) => arg.split('=').reverse()));
const texts = [after('--after-install'), after('--after-remove'), ...Object.values(mappings).filter((file) => file.endsWith('.desktop'))];
const note = { type: after('-t'), mappings, texts: texts.map((file) => readFileSync(file, 'utf8')) };
appendFileSync(process.env.FPM_RECORD, `${JSON.stringify(note)}\n`);
writeFileSync(after('--package'), '');
