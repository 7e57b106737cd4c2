/**
 * Runs a server and holds a pipe to us, its standard input. When we die, even by SIGKILL, the pipe closes and the server is
 * asked to shut down: it is never an orphan. It is asked again and again, because a server that has only just been started does
 * not listen to signals yet. `read` is the shell's own, so there is no third process that could be lost.
 */
const SCRIPT = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(read -r _ <&3; while kill -INT $server; do sleep 1; done 2>/dev/null) &
watcher=$!
exec 3<&-
wait $server
code=$?
kill $watcher 2>/dev/null
exit $code
`;

/** The command to spawn with a piped standard input; closing that pipe stops the server. Windows has no such thing. */
export function onLeash(command: readonly string[]): readonly string[] {
  return process.platform === 'win32' ? command : ['/bin/sh', '-c', SCRIPT, 'sh', ...command];
}
