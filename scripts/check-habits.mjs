// The habits of CONTRIBUTING.md that no linter knows. Prints `file:line: what to do instead` and fails if there is any.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const GENERATED = 'src/platform/database/generated/';
const DOOR_LINES = 10;

const IN_NAMES = /(?:^|[-./])(?:utils?|helpers?|common|impl|manager|misc)(?=[-.]|$)/;
/** What, why not, and in which files if not in all. @type {[RegExp, string, ((file: string) => boolean)?][]} */
const IN_TEXT = [
  [/^(?:export )?(?:declare )?(?:const )?enum\s/, 'no enums: write a union of strings'],
  [/\bScope\.(?:REQUEST|TRANSIENT)\b/, 'no request-scoped providers: pass what belongs to a request as an argument'],
  [/\b(?:class|interface|type|function|const)\s+\w*(?:Manager|Helpers?|Utils?|Impl)\b/, 'a name that says nothing: name the thing it is'],
  [/^@Global\(/, 'only PlatformModule is global', (file) => !file.startsWith('src/platform/')],
];

/** Doors are short, so that what a room offers is seen at a glance; the platform's offers many small tools. */
function doorFault(file, lines) {
  const isDoor = /^src\/[^/]+\/index\.ts$/.test(file) && !file.startsWith('src/platform/');
  const length = lines.filter((line) => line !== '').length;
  return isDoor && length > DOOR_LINES ? [`${file}: a door of ${length} lines: offer at most ${DOOR_LINES}, or split the room`] : [];
}

function faultsOf(file) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const named = IN_NAMES.test(path.basename(file)) ? [`${file}: a file name that says nothing: name what is in it`] : [];
  const written = lines.flatMap((line, index) =>
    IN_TEXT.filter(([pattern, , applies = () => true]) => pattern.test(line) && applies(file)).map(
      ([, advice]) => `${file}:${index + 1}: ${advice}`,
    ),
  );
  return [...named, ...doorFault(file, lines), ...written];
}

const files = readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
  .filter((file) => !file.startsWith(GENERATED));

const faults = files.flatMap(faultsOf);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${files.length} files, ${faults.length} faults\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
