/** What was typed is not a command. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `tollgate: the command line of the gateway

  tollgate keys create --name <name> [options]
      Makes an API key and shows it, this once.
      --role <role>
        client   calls models (the default)
        viewer   reads the administration
        admin    does everything
      --team <id>              the team whose money it spends, and whose limits it shares (GET /v1/admin/teams lists them)
      --require-user           refuses calls that name no end user
      --expires <date>         a day (2027-01-01, from its first minute in UTC) or a time (2027-01-01T09:00:00Z)
      --model <name>           a model that it may use, or a pattern (gpt-4*); once for each, all models without any
      --route <name>           what it may call: chat, responses, messages, embeddings, generate, models, usage, metrics, admin;
                               once for each, everything that its role allows without any
      --ip-allow <address>     an address or a network (10.0.0.0/8) that it may be used from; once for each, anywhere without any
      --tag <name>=<text>      up to ten
      --requests-per-minute <number>, --requests-per-hour <number>, --tokens-per-minute <number>, --concurrency <number>
                               limits of its own in the place of the configured ones; 0 = no limit
      --disabled               switched off, until an administrator enables it
      --allow-provider-state   lets the key name files, stored prompts and other things at providers that were made outside the
                               gateway. All keys share the providers' accounts: give it to those only whom you would give an account.

  tollgate keys rotate <public id> [--overlap <seconds>]
      Gives a key a new secret and shows it, this once. The old one works on for a day, or for as long as you say; 0 ends it at once.

  tollgate keys list
      Lists all keys, newest first.

  tollgate keys revoke <public id>
      Ends a key for good. The public id is the middle part of a key: tg-<public id>-<secret>.

  tollgate config check
      Reads the configuration as the gateway would, and says what is wrong with it.

  tollgate ledger verify
      Computes anew what each call cost, what each budget has spent by its calls, and what the counters in Redis should have. Prints
      every difference. Exit codes: 0 none, 1 differences, 3 not all could be compared.

  tollgate ledger rebuild [--dry-run]
      Makes the sums of budgets, and then the counters in Redis, what the ledger's rows say, and prints what it changed. No row is
      changed. With --dry-run it only says what it would change (exit code 1 if there is something).

  tollgate prices sync [<provider>] [--apply]
      Fetches the prices that providers publish (OpenRouter does), all or the one of that name, and shows what differs from those that
      were taken over before. With --apply they hold from now on, in running gateways too; without it nothing is changed. What
      administrators and the configuration say of a model stays above them.

  tollgate bodies reseal
      Encrypts stored bodies with the newest of TOLLGATE_SECRET_KEYS, so that older keys can go. Exit code 1 if there are some that
      none of the keys opens; they stay as they are.

Options
  --json   for programs: one JSON document on standard output
  --help   this text

The configuration is the gateway's own: the environment, .env and tollgate.yaml in this folder. The commands work while
the gateway runs, and while it does not. From a checkout, write \`npm run tollgate --\` in the place of \`tollgate\`.

Exit codes: 0 done, 1 failed, 2 not understood, 3 a ledger that could not be read whole, 78 the configuration is wrong.
`;
