import { webAddress } from './address.kinds.js';
import { secretMatching, text } from './kind.js';
import type { Rows } from './row.js';

const providerKey = secretMatching(/^[\x21-\x7e]+$/, 'a key without blanks');

export const PROVIDER_ROWS = {
  OPENAI_API_KEY: { kind: providerKey, unset: 'none', meaning: 'Switches the provider `openai` on.' },
  OPENAI_API_BASE: { kind: webAddress, default: 'https://api.openai.com/v1', meaning: 'Where OpenAI is.' },
  ANTHROPIC_API_KEY: { kind: providerKey, unset: 'none', meaning: 'Switches the provider `anthropic` on.' },
  ANTHROPIC_API_BASE: { kind: webAddress, default: 'https://api.anthropic.com', meaning: 'Where Anthropic is, with or without `/v1`.' },
  DEEPSEEK_API_KEY: { kind: providerKey, unset: 'none', meaning: 'Switches the provider `deepseek` on.' },
  DEEPSEEK_API_BASE: { kind: webAddress, default: 'https://api.deepseek.com/v1', meaning: 'Where DeepSeek is.' },
  OPENROUTER_API_KEY: { kind: providerKey, unset: 'none', meaning: 'Switches the provider `openrouter` on.' },
  OPENROUTER_API_BASE: { kind: webAddress, default: 'https://openrouter.ai/api/v1', meaning: 'Where OpenRouter is.' },
  OLLAMA_BASE_URL: {
    kind: webAddress,
    default: 'http://localhost:11434',
    meaning: 'Where Ollama is, with or without `/v1`. Being set, it switches the provider `ollama` on; its models are discovered.',
  },
  DEFAULT_MODEL: {
    kind: text,
    unset: 'the first model of the first provider',
    meaning: 'The model of requests that may leave it out. `OPENAI_MODEL` means the same.',
    example: 'gpt-4o-mini',
    effective: false,
  },
  OPENAI_MODEL: { kind: text, unset: '`DEFAULT_MODEL`', meaning: 'Another name of `DEFAULT_MODEL`, which wins.', effective: false },
} satisfies Rows;
