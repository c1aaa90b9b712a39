import { z } from 'zod';

// Imported before anything else: zod otherwise probes `new Function`, which the content security policy refuses aloud.
z.config({ jitless: true });
