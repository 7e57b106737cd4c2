import { z } from 'zod';
import { parseWebAddress, WEB_ADDRESS } from '../environment/address.kinds.js';
import { expecting } from './setting.js';

export const flag = () => z.boolean();
export const whole = (least: number) => expecting(`an integer ≥ ${least}`, z.number().int().min(least));
export const ratio = () => expecting('a number from 0 to 1', z.number().min(0).max(1));
export const text = () => expecting('a text', z.string().min(1));
export const variable = () => expecting('the name of an environment variable', z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/));
/** Numbers reach this as they were written, see `readYaml`. */
export const price = () => expecting('a price in US dollars such as 0.50', z.string());

export const providerName = () =>
  expecting('a name of letters, digits, ".", "_" and "-"', z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/));

export const webAddress = () =>
  expecting(
    WEB_ADDRESS,
    z.string().refine((written) => parseWebAddress(written) !== undefined),
  );
