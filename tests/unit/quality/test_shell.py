"""What a shell would refuse to read is found, and nothing else."""

import shutil
import subprocess

import pytest

from skill_fleet_server.quality.shell import fault_in

WHOLE = [
    "echo 'it'\\''s' \"a $(b \"c\") d\" `e`\n",
    "if true; then echo fi; fi\n",
    "for x do echo $x; done\n",
    "for x in a b; do\n  echo done\ndone\n",
    "case $1 in\n  a|b) echo x ;;\n  (c) if true; then :; fi ;;\n  *) : ;;\nesac\n",
    "cat <<EOF\nit's \"open $(\nEOF\n",
    "cat <<-'EOF'\n\tdon't\n\tEOF\n",
    "a=(1 2 3)\necho ${a[@]} ${#a} $((1 + (2))) $'it\\'s'\n",
    "f() { echo } ; }\n",
    "{ { echo a; }; }\n",
    "echo a # don't\n",
    'x=${y:-"}"}\n',
    "true && \\\nif true; then echo; fi\n",
    "while read -r l; do [[ $l =~ ^(a|b)$ ]] && echo; done < <(ls)\n",
    "cat <<< 'here'\n",
    "",
]
BROKEN = [
    ("echo 'a\n\nb\n", 1),
    ('echo a\necho "b\n', 2),
    ("if true; then\n  echo\n", 1),
    ("echo\nfi\n", 2),
    ("for x in a; do\n  if true; then echo; done\n", 2),
    ("cat <<EOF\nno end\n", 1),
    ("echo $(ls\n", 1),
    ("f() {\n  echo\n", 1),
    ("case x in a) ;;\n", 1),
]


@pytest.mark.parametrize("script", WHOLE)
def test_whole_scripts_have_no_fault(script):
    assert fault_in(script) is None


@pytest.mark.parametrize(("script", "line"), BROKEN)
def test_broken_scripts_have_one_at_its_line(script, line):
    fault = fault_in(script)
    assert fault
    assert fault.line == line


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to ask")
def test_a_shell_agrees():
    def reads(script: str) -> bool:
        ran = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
        return ran.returncode == 0 and not ran.stderr

    assert [script for script in WHOLE if not reads(script)] == []
    assert [script for script, _ in BROKEN if reads(script)] == []
