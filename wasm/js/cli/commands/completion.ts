/** `torchfile completion`: scripts for shells. They ask `torchfile __complete` for what may follow. */

import type { Command } from "../session/command.js";
import { exitCode } from "../session/exit.js";

const scripts: Record<string, string> = {
  bash: `_torchfile() {
  local word words
  word="\${COMP_WORDS[COMP_CWORD]}"
  words="$(torchfile __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"
  COMPREPLY=()
  while IFS= read -r line; do
    [ -n "$line" ] && COMPREPLY+=("$(printf %q "$line")")
  done <<< "$words"
  if [ \${#COMPREPLY[@]} -eq 0 ]; then
    compopt -o default 2>/dev/null
  else
    compopt -o nospace 2>/dev/null
  fi
}
COMP_WORDBREAKS="\${COMP_WORDBREAKS//[\\[\\]]/}"
complete -F _torchfile torchfile`,
  zsh: `#compdef torchfile
_torchfile() {
  local -a found
  found=("\${(@f)$(torchfile __complete -- "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  if [[ -z "$found" ]]; then
    _files
  else
    compadd -S '' -- "\${found[@]}"
  fi
}
compdef _torchfile torchfile`,
  fish: `function __torchfile
  torchfile __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null
end
complete -c torchfile -a '(__torchfile)'`,
};

export const completion: Command = {
  name: "completion",
  args: "<shell>",
  about: "script that completes commands, and paths inside files: bash, zsh or fish",
  options: [],
  examples: [{ line: "source <(torchfile completion bash)", about: "" }],
  async run(session, [shell]) {
    const script = scripts[shell as string];
    if (script === undefined) {
      session.say(`torchfile: no script for ${shell}: there are bash, zsh and fish`);
      return exitCode.failed;
    }
    await session.line(script);
    return exitCode.fine;
  },
};
