import { script } from "@bomb.sh/tab";
import type { Terminal } from "../terminal.ts";

/** Shells with a completion script. */
export type Shell = "bash" | "zsh" | "fish";

/**
 * Bash takes `:` for the end of a word, and wires are called `h1:net0--r1:net0`: what stands before the last colon must
 * not come again. Where the package bash-completion is missing, its one function used is made here.
 */
const bashColons = `
if ! declare -F _get_comp_words_by_ref >/dev/null; then
  _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD
    local line=\${COMP_LINE:0:COMP_POINT}
    cur=\${line##*[[:space:]]}; prev=\${COMP_WORDS[COMP_CWORD-1]}
    read -ra words <<< "$line"
  }
fi
__kestrel_complete_words() {
  local cur prev words cword index
  __kestrel_complete
  _get_comp_words_by_ref -n "=:" cur prev words cword
  if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local before=\${cur%"\${cur##*:}"}
    for index in "\${!COMPREPLY[@]}"; do COMPREPLY[index]=\${COMPREPLY[index]#"$before"}; done
  fi
}
complete -F __kestrel_complete_words kestrel
`;

/** Print the completion script of a shell. */
export function printCompletionScript(terminal: Terminal, shell: Shell): void {
  script(shell, "kestrel", "kestrel");
  if (shell === "bash") terminal.print(bashColons);
}
