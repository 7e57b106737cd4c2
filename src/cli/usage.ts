/** What was typed is not a command. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `tollgate: the command line of the gateway

  tollgate keys create --name <name> [--role client|viewer|admin] [--expires <date>] [--allow-provider-state]
      Makes an API key and shows it, this once.
        client   calls models (the default)
        viewer   reads the administration
        admin    does everything
      --expires takes a day (2027-01-01, from its first minute in UTC) or a time (2027-01-01T09:00:00Z).
      --allow-provider-state lets the key name files, stored prompts and other things at providers that were made outside
        the gateway. All keys share the providers' accounts: give it to those only whom you would give an account.

  tollgate keys list
      Lists all keys, newest first.

  tollgate keys revoke <public id>
      Ends a key for good. The public id is the middle part of a key: tg-<public id>-<secret>.

  tollgate config check
      Reads the configuration as the gateway would, and says what is wrong with it.

Options
  --json   for programs: one JSON document on standard output
  --help   this text

The configuration is the gateway's own: the environment, .env and tollgate.yaml in this folder. The commands work while
the gateway runs, and while it does not. From a checkout, write \`npm run tollgate --\` in the place of \`tollgate\`.

Exit codes: 0 done, 1 failed, 2 not understood, 78 the configuration is wrong.
`;
